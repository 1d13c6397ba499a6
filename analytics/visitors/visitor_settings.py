"""The parameters of identification, each with its value and its origin."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scales:
    """Lengths, times and counts of people and of errors that several steps share.

    Attributes:
        lasting_s: errors of places last about so long, so that briefer coincidences tell nothing; tracklets
            of one person may both exist for so long without being near.
        sure_s: what lasts so long is no chance: two tracklets are together, or apart.
        hidden_s: people are hidden by others for about so long at most.
        recent_s: so much of a track tells where somebody is, and with whom.
        around_s: so far before and after a moment a track tells whose it is.
        gone_s: who is unseen for longer is a new visitor, unless they stood.
        place_m: beginnings and ends so near one another are at one place.
        apart_m: people and places so far apart are two; the feet of people whose legs are hidden are off by
            so much.
        nearby_m: people so near may be taken for one another, or walk together.
        slow_m_s: slower people stand; a walk leads so far aside in each second.
        outlying_share: share of places whose error is much larger than stated, as feet were hidden.
        fewest: nothing is learned from fewer examples.
        majority: share from which something is the rule, or likelier than not.
        sure_log_ratio: evidence that needs no other.
    """

    lasting_s: float = 1.0
    sure_s: float = 2.0
    hidden_s: float = 4.0
    recent_s: float = 6.0
    around_s: float = 12.0
    gone_s: float = 30.0
    place_m: float = 0.8
    apart_m: float = 1.0
    nearby_m: float = 2.0
    slow_m_s: float = 0.4
    outlying_share: float = 0.2
    fewest: int = 3
    majority: float = 0.5
    sure_log_ratio: float = 3.0


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """Parameters of people's motion while unseen.

    Attributes:
        walking_sigma_m_s: of each component of a walker's velocity; a speed of 1.05 m/s is common in halls.
        standing_sigma_m_s: of each component of a standing person's velocity.
        velocity_memory_s: time for which a walker keeps direction and speed (Ornstein-Uhlenbeck process).
        standing_memory_s: mean time until a standing person begins to walk.
        walking_memory_s: mean time until a walker stops.
        sway_m, sway_m2_per_s: standard deviation of a staying person's position, and growth of its variance.
        wander_m_s: growth of the uncertainty of a person who stopped or started unseen.
        fastest_m_s: maximum walking speed.
        outlier_factor: factor of the errors of ``Scales.outlying_share`` of the ends.
        end_sigma_m: added to the position error of an end.
        camera_sigma_m: disagreement of two cameras' calibrations.
    """

    walking_sigma_m_s: float = 0.75
    standing_sigma_m_s: float = 0.12
    velocity_memory_s: float = 4.0
    standing_memory_s: float = 30.0
    walking_memory_s: float = 8.0
    sway_m: float = 0.15
    sway_m2_per_s: float = 0.01
    wander_m_s: float = 0.45
    fastest_m_s: float = 2.2
    outlier_factor: float = 4.0
    end_sigma_m: float = 0.07
    camera_sigma_m: float = 0.25


@dataclass(frozen=True, slots=True)
class StitchSettings:
    """Parameters of linking a tracklet to another that continues it.

    Attributes:
        max_outage_s: no link over a longer outage of the cameras.
        mean_gap_s: gaps are exponential.
        longest_hidden_s: who stands is lost for no longer.
        overlap_odds: density per second of a negative gap.
        edge_share, middle_share: prior share of the tracklets that begin (or end) at an edge or a door, or
            anywhere else, that are real arrivals (or departures).
        company_s, company_share: a companion was near for so long of the time before the loss; share of the
            people found while a companion is seen who stayed with them.
    """

    max_outage_s: float = 5.0
    mean_gap_s: float = 9.0
    longest_hidden_s: float = 150.0
    overlap_odds: float = 0.05
    edge_share: float = 0.98
    middle_share: float = 0.24
    company_s: float = 3.0
    company_share: float = 0.5


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Parameters of finding doors, stairs and lifts inside the view.

    Attributes:
        radius_m: of the floor that stands for a learned door, and of that around a line.
        beyond_m: somebody goes on from a place who is seen so far beyond it when walking takes them there;
            people hidden by something large are seen the farther on.
        min_events: beginnings and ends together that make a door.
        min_share: share of the tracks that come there which begin or end there, with nobody going on. In 17
            scenes by another author 0.5 or more at doors, up to 0.34 at 7 of 8 other places.
        max_along: largest cosine between the mean ways of those who go and those who come.
        edge_m: nearer to the edge of the view people come and go anyway; a camera often sees half a metre
            beyond a door.
        margin_s: so soon after the first row of all, or before the last, everybody begins or ends.
        inside_m: a track so near a door may have gone through it.
        walks_m: it did if it came from so far away, went back so far, and was unseen meanwhile, or turned at
            once.
    """

    radius_m: float = 0.4
    beyond_m: tuple[float, ...] = (2.0, 3.5, 5.0)
    min_events: int = 10
    min_share: float = 0.4
    max_along: float = -0.3
    edge_m: float = 0.5
    margin_s: float = 3.0
    inside_m: float = 0.3
    walks_m: float = 0.6


@dataclass(frozen=True, slots=True)
class OverlapSettings:
    """Parameters of recognising two simultaneous tracklets as one person.

    Attributes:
        reach_m: pairs that never come nearer are ignored.
        first_shift_sigma_m: prior disagreement of two calibrations, each component.
        min_shift_sigma_m: remaining local disagreement once the common part is known.
        error_m: of each difference, beside the position errors.
        most_independent: maximum number of independent observations of a pair.
        company_share, company_m: share of the people near someone who walk along, and keep their place to
            this much; that of the others varies by ``Scales.apart_m``.
        min_crowding_per_m2: other people near someone.
        alone_log_ratio, alone_m: evidence of one person against two for tracklets together for long, no
            farther apart, without a likelier partner: each of two people would be missed by one of the
            cameras all the time. In training scenes with two cameras 2.8 % of the people are counted twice
            with it, 3.6 % at 1.2 m, and 4.9 % without.
        alone_per_s, max_alone_s: more evidence for each second, up to so many.
        alone_across_m: maximum distance across a camera's line of sight, along which they may be
            ``Scales.nearby_m`` apart.
        clash_cost: of two tracklets of one group that cannot be one person, in log ratio, for each camera of
            the group but one.
    """

    reach_m: float = 2.2
    first_shift_sigma_m: float = 0.35
    min_shift_sigma_m: float = 0.12
    error_m: float = 0.1
    most_independent: float = 12.0
    company_share: float = 0.3
    company_m: float = 0.25
    min_crowding_per_m2: float = 0.1
    alone_log_ratio: float = 4.0
    alone_per_s: float = 0.1
    alone_m: float = 1.5
    max_alone_s: float = 60.0
    alone_across_m: float = 0.4
    clash_cost: float = 20.0


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """Parameters of detecting tracklets that went over to another person.

    Attributes:
        around_s: time examined before and after the moment.
        together_m: tracklets this near are one person for that time.
        min_blame, min_parting_blame: minimum difference in log odds for cutting only the tracklet to blame,
            if one coincides with another from then on, and if it coincides with none.
        blame_weights: weights, in log odds, for deciding which of several tracklets switched: of each
            standard deviation of its change of height, the log of its largest position error, its highest
            speed (m/s), the distance of the nearest other tracklet of its camera (m, negative), and whether
            one of these begins or ends near the moment. Fitted to 1,209 handovers in five scenes of two
            authors, whose simulators provide the person of each box. Learned from one author's scenes,
            weights identify the switched tracklet in the other's with an area under the curve of 0.84 and
            0.95.
        by_witness: less for each further camera in which it coincides with one tracklet before and after the
            moment. Not fitted: with four cameras on one hall, 2 to 8 perform alike.
        max_height_sigmas, max_sigma_m, fastest_m_s: larger values tell no more.
        bias_sigma_m, look_sigma_m: part of the error of a mean of measured heights that does not average out,
            and part that does. Between both sides of encounters without an exchange, heights differ by 0.02
            to 0.03 m.
        slack_s: a tracklet is taken over at most so long after another begins.
        there_m: it has left that place once it is farther from it.
        min_rows: minimum of parts that are examined.
    """

    around_s: float = 3.0
    together_m: float = 0.7
    min_blame: float = 0.5
    min_parting_blame: float = 2.0
    blame_weights: tuple[float, ...] = (0.62, 1.72, 0.63, 4.3, 0.85)
    by_witness: float = 4.0
    max_height_sigmas: float = 6.0
    max_sigma_m: float = 2.0
    fastest_m_s: float = 4.0
    bias_sigma_m: float = 0.02
    look_sigma_m: float = 0.03
    slack_s: float = 0.3
    there_m: float = 0.5
    min_rows: int = 5


@dataclass(frozen=True, slots=True)
class PathSettings:
    """Parameters of making one path of a visitor's tracklets.

    Attributes:
        unseen_m2_per_s: growth of the variance of an unseen person's position.
        smoothing_s: width of the moving mean; a wider one loses short stays.
    """

    unseen_m2_per_s: float = 0.1
    smoothing_s: float = 1.0


@dataclass(frozen=True, slots=True)
class FalseTrackSettings:
    """Parameters of the filters for short false tracks, and for tracks that other cameras should confirm.

    In eleven scenes with three to five cameras 5.4 % of the people were counted twice, and are 1.9 % with the
    second.

    Attributes:
        longest_s: people do not appear in the middle of the floor, stay and vanish within so long. A longer
            track may belong to a person whose other tracks were not found.
        still_m: nine tenths of the positions stay within this distance of their median.
        short_m: shorter people may be seen by the nearest camera alone.
        awake_s: a camera that saw nobody for so long before and after is no witness.
        cell_m, learned_over_s: visibility is learned by cells of this width, for this long.
        prior_looks: number of half seconds without a person that are added.
    """

    longest_s: float = 8.0
    still_m: float = 0.3
    short_m: float = 1.4
    awake_s: float = 2.0
    cell_m: float = 0.75
    learned_over_s: float = 900.0
    prior_looks: float = 10.0


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Parameters used by live identification only.

    Attributes:
        wait_s: time from its beginning until a tracklet is assigned.
        smoothing_s: averaging time of the shown position.
        join_log_ratio: minimum evidence that two visitors are one.
        crowding_per_m2: other people near someone.
        shift_looks, shift_sigma_m, max_looks: number of observations after which two cameras' disagreement
            counts as half known, its final error, and the length of its running mean.
        learning_s: time until the rate of beginnings is used.
        map_margin_m: margin of the map of the views' edges around people's positions.
        clock_slack_s: tolerated backward jitter of the clock.
    """

    wait_s: float = 1.0
    smoothing_s: float = 0.6
    join_log_ratio: float = 1.0
    crowding_per_m2: float = 0.25
    shift_looks: float = 20.0
    shift_sigma_m: float = 0.15
    max_looks: float = 500.0
    learning_s: float = 60.0
    map_margin_m: float = 3.0
    clock_slack_s: float = 2.0


SCALES, MOTION, STITCH, DOORS = Scales(), MotionSettings(), StitchSettings(), DoorSettings()
OVERLAP, SWITCHES, PATHS = OverlapSettings(), SwitchSettings(), PathSettings()
FALSE_TRACKS, LIVE = FalseTrackSettings(), LiveSettings()


@dataclass(frozen=True, slots=True)
class VisitorSettings:
    """The parameters of identification, stored with every result."""

    scales: Scales = SCALES
    motion: MotionSettings = MOTION
    stitch: StitchSettings = STITCH
    doors: DoorSettings = DOORS
    overlap: OverlapSettings = OVERLAP
    switches: SwitchSettings = SWITCHES
    paths: PathSettings = PATHS
    false_tracks: FalseTrackSettings = FALSE_TRACKS
    live: LiveSettings = LIVE
