"""The parameters of identification, each with its default and its origin."""

from __future__ import annotations

from dataclasses import dataclass


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
        outlier_share, outlier_factor: share of the ends whose position error is so many times as large (the
            feet were hidden before the person was).
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
    outlier_share: float = 0.2
    outlier_factor: float = 4.0
    end_sigma_m: float = 0.07
    camera_sigma_m: float = 0.25


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """Parameters of predicting lost people from their companions.

    Attributes:
        reach_m, window_s, least_s: a companion was so near for so long, of the time before the loss.
        min_gap_s: for shorter gaps, a person's own movement suffices.
        share: share of the people found while a companion is seen who stayed with them,
        spread_m: keeping their place beside them to this much along each axis.
    """

    reach_m: float = 2.0
    window_s: float = 6.0
    least_s: float = 3.0
    min_gap_s: float = 1.0
    share: float = 0.5
    spread_m: float = 1.0


@dataclass(frozen=True, slots=True)
class StitchSettings:
    """Parameters of linking a tracklet to another that continues it.

    Attributes:
        longest_gap_s: a person unseen for longer is a new visitor.
        longest_overlap_s: how long before the end of a tracklet its continuation may begin.
        max_outage_s: no link over a longer outage of the cameras.
        mean_gap_s: gaps are exponential.
        overlap_odds: density per second of a negative gap.
        edge_reach_m: distance from the edge of the view, a second's walk ahead, at which people come and go.
        edge_share, middle_share, unknown_share: prior share of the tracklets that begin (or end) at an edge
            or a door, in the middle of the floor, or anywhere without a known view, that are real arrivals
            (or departures).
        map_sigma_m: kernel of the map of where people come.
        min_confidence: minimum probability that the one is found again and the other was lost, whoever they
            are linked to.
    """

    longest_gap_s: float = 30.0
    longest_overlap_s: float = 1.0
    max_outage_s: float = 5.0
    mean_gap_s: float = 9.0
    overlap_odds: float = 0.05
    edge_reach_m: float = 0.8
    edge_share: float = 0.98
    middle_share: float = 0.24
    unknown_share: float = 0.3
    map_sigma_m: float = 0.8
    min_confidence: float = 0.5


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """Parameters of finding doors, stairs and lifts inside the view.

    Attributes:
        reach_m: beginnings and ends so near one another belong to one door.
        radius_m: of the floor that stands for a learned door, and of that around a line.
        slowest_m_s: slower people stand; they may be lost anywhere.
        found_s, found_m_s: a lost walker who is found again, is found within this time, within ``reach_m`` of
            where the walk would have led, and farther for each second.
        min_events, min_each: beginnings and ends together, and of either, that make a door.
        min_share: share of the tracks through the place that begin or end there.
        min_unfound: share of the beginnings and ends there that have no other half.
        max_along: largest cosine between the mean ways of those who go and those who come.
        edge_m: nearer to the edge of the view people come and go anyway.
        margin_s: so soon after the first row of all, or before the last, everybody begins or ends.
        inside_m: a track so near a door may have gone through it.
        walks_s, walks_m: it did if it came from so far away within this time, went back so far within it,
            and was unseen meanwhile, or turned within that time.
    """

    reach_m: float = 0.8
    radius_m: float = 0.4
    slowest_m_s: float = 0.4
    found_s: float = 5.0
    found_m_s: float = 0.4
    min_events: int = 10
    min_each: int = 3
    min_share: float = 0.5
    min_unfound: float = 0.6
    max_along: float = -0.3
    edge_m: float = 1.2
    margin_s: float = 3.0
    inside_m: float = 0.3
    walks_s: float = 1.5
    walks_m: float = 0.6


@dataclass(frozen=True, slots=True)
class OverlapSettings:
    """Parameters of recognising two simultaneous tracklets as one person.

    Attributes:
        reach_m: pairs that never come nearer are ignored.
        first_shift_sigma_m: prior disagreement of two calibrations, each component.
        min_shift_sigma_m: remaining local disagreement once the common part is known.
        shift_prior_pairs: number of pairs that the prior counts as.
        error_m: of each difference, beside the position errors.
        correlation_s: correlation time of errors.
        most_independent: maximum number of independent observations of a pair.
        stray_share, stray_m: share of one person's differences that are off by so much (feet hidden).
        company_share, company_m: share of the people near someone who walk along, and keep their place to
            this much; that of the others varies by ``stranger_m``.
        min_crowding_per_m2: other people near someone.
        max_clash_s: how long tracklets of one person may both exist without being near.
        alone_log_ratio, alone_s, alone_m: evidence of one person against two for tracklets together for so
            long, no farther apart, without a likelier partner: each of two people would be missed by one of
            the cameras all the time. In training scenes with two cameras 2.8 % of the people are counted
            twice with it, 3.6 % at 1.2 m, and 4.9 % without.
        alone_along_m, alone_across_m: or so far apart along a camera's line of sight, and across it.
        alone_per_s, max_alone_s: more evidence for each second, up to so many.
        clash_cost: of two tracklets of one group that cannot be one person, in log ratio, for each camera of
            the group but one.
    """

    reach_m: float = 2.2
    first_shift_sigma_m: float = 0.35
    min_shift_sigma_m: float = 0.12
    shift_prior_pairs: float = 3.0
    error_m: float = 0.1
    correlation_s: float = 1.0
    most_independent: float = 12.0
    stray_share: float = 0.2
    stray_m: float = 1.0
    company_share: float = 0.3
    company_m: float = 0.25
    stranger_m: float = 1.0
    min_crowding_per_m2: float = 0.1
    max_clash_s: float = 1.0
    alone_log_ratio: float = 4.0
    alone_s: float = 2.0
    alone_m: float = 1.5
    alone_along_m: float = 2.0
    alone_across_m: float = 0.4
    alone_per_s: float = 0.1
    max_alone_s: float = 60.0
    clash_cost: float = 20.0


@dataclass(frozen=True, slots=True)
class SwapSettings:
    """Parameters of detecting switched tracklets with a second camera.

    Attributes:
        together_m, together_s: tracklets this near for so long are one person for that time.
        hole_s: a shorter parting in between does not count.
        apart_m, apart_s: they are two people if they are farther apart for so long.
        min_blame, min_parting_blame: minimum difference in log odds for cutting only the tracklet to blame,
            if one coincides with another from then on, and if it coincides with none.
    """

    together_m: float = 0.7
    together_s: float = 2.0
    hole_s: float = 2.0
    apart_m: float = 1.0
    apart_s: float = 2.0
    min_blame: float = 0.5
    min_parting_blame: float = 2.0


@dataclass(frozen=True, slots=True)
class HeightErrors:
    """Errors of the mean of one person's measured heights.

    Attributes:
        bias_sigma_m, look_sigma_m: part that does not average out, and part that does. Between both sides of
            encounters without an exchange, heights differ by 0.02 to 0.03 m.
        correlation_s: measurements less than this apart count as one.
    """

    bias_sigma_m: float = 0.02
    look_sigma_m: float = 0.03
    correlation_s: float = 2.0


@dataclass(frozen=True, slots=True)
class BlameSettings:
    """Weights, in log odds, for deciding which of several tracklets switched to another person.

    Fitted to 1,209 handovers in five scenes of two authors, whose simulators provide the person of each box.
    Learned from one author's scenes, weights identify the switched tracklet in the other's with an area under
    the curve of 0.84 and 0.95.

    Attributes:
        around_s: time examined before and after the moment.
        per_m, reach_m: for each metre of distance of the nearest other tracklet of its camera, up to so far.
        per_log_sigma, least_sigma_m, max_sigma_m: for the log of its largest position error.
        per_m_s, fastest_m_s: for its highest speed, which jumps.
        by_turnover, turnover_s: if one of these others begins or ends so near the moment.
        by_witness: less for each further camera in which it coincides with one tracklet before and after the
            moment. Not fitted: with four cameras on one hall, 2 to 8 perform alike.
        per_height_sigma, max_height_sigmas: for each standard deviation of its change of height.
        height_margin_s, height_window_s, min_heights: heights are averaged from so far off the moment to so
            far, over at least so many rows.
    """

    around_s: float = 3.0
    per_m: float = 4.3
    reach_m: float = 2.0
    per_log_sigma: float = 1.72
    least_sigma_m: float = 0.03
    max_sigma_m: float = 2.0
    per_m_s: float = 0.63
    fastest_m_s: float = 4.0
    by_turnover: float = 0.85
    turnover_s: float = 4.0
    by_witness: float = 4.0
    per_height_sigma: float = 0.62
    max_height_sigmas: float = 6.0
    height_margin_s: float = 1.0
    height_window_s: float = 12.0
    min_heights: int = 3


@dataclass(frozen=True, slots=True)
class TakeoverSettings:
    """Parameters of detecting a tracklet taken over by another person.

    Attributes:
        near_m, hidden_s, slack_s: maximum distance from the other's beginning, so shortly before or after.
        there_m: it has left that place once it is farther from it.
        min_life_s, min_rows: minimum of parts and others that are examined.
        window_s: time before and after that counts.
    """

    near_m: float = 0.8
    hidden_s: float = 4.0
    slack_s: float = 0.3
    there_m: float = 0.5
    min_life_s: float = 1.5
    min_rows: int = 5
    window_s: float = 12.0


@dataclass(frozen=True, slots=True)
class PathSettings:
    """Parameters of making one path of a visitor's tracklets.

    Attributes:
        max_fill_s: a shorter gap is filled in on a straight line.
        unseen_m2_per_s: growth of the variance of an unseen person's position.
        smoothing_s: width of the moving mean; a wider one loses short stays.
    """

    max_fill_s: float = 4.0
    unseen_m2_per_s: float = 0.1
    smoothing_s: float = 1.0


@dataclass(frozen=True, slots=True)
class ApparitionSettings:
    """Parameters of the filter for short false tracks.

    Attributes:
        longest_s: people do not appear in the middle of the floor, stay and vanish within so long. A longer
            track may belong to a person whose other tracks were not found.
        still_m: nine tenths of the positions stay within this distance of their median.
        edge_m: begin and end are farther than this from the edge of the view and from doors.
        watched_s: the camera was watching for so long before and after.
    """

    longest_s: float = 8.0
    still_m: float = 0.3
    edge_m: float = 1.0
    watched_s: float = 1.0


@dataclass(frozen=True, slots=True)
class UncorroboratedTrackSettings:
    """Parameters of the filter for tracks that other cameras should confirm.

    In eleven scenes with three to five cameras 5.4 % of the people were counted twice, and are 1.9 % with it.

    Attributes:
        min_chance: a camera is a witness where it sees this share of the people whom others see.
        least_s: minimum duration, and longest gap within the track.
        stays_m, longest_stay_s: a person who returns so near and so soon was there all the time.
        apart_m: maximum distance at which two cameras that each see someone alone may see one person.
        short_m: shorter people may be seen by the nearest camera alone.
        awake_s: a camera that saw nobody for so long before and after is no witness.
        cell_m, learned_over_s: visibility is learned by cells of this width, for this long.
        prior_looks: number of half seconds without a person that are added.
    """

    min_chance: float = 0.5
    least_s: float = 4.0
    stays_m: float = 1.0
    longest_stay_s: float = 30.0
    apart_m: float = 2.0
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
        memory_s: part of every tracklet that is compared with those of other cameras.
        shown_s: a person unseen for longer is not shown.
        smoothing_s: averaging time of the shown position.
        compare_every_s, join_log_ratio: interval of checks whether two visitors are one, and minimum
            evidence.
        crowding_per_m2: other people near someone.
        shift_looks, shift_sigma_m, max_looks: number of observations after which two cameras' disagreement
            counts as half known, its final error, and the length of its running mean.
        learning_s: time until the rate of beginnings is used.
        map_margin_m: margin of the map of the views' edges around people's positions.
        clock_slack_s: tolerated backward jitter of the clock.
    """

    wait_s: float = 1.0
    memory_s: float = 6.0
    shown_s: float = 2.0
    smoothing_s: float = 0.6
    compare_every_s: float = 1.0
    join_log_ratio: float = 1.0
    crowding_per_m2: float = 0.25
    shift_looks: float = 20.0
    shift_sigma_m: float = 0.15
    max_looks: float = 500.0
    learning_s: float = 60.0
    map_margin_m: float = 3.0
    clock_slack_s: float = 2.0


MOTION, COMPANY, STITCH = MotionSettings(), CompanySettings(), StitchSettings()
DOORS, OVERLAP, SWAP = DoorSettings(), OverlapSettings(), SwapSettings()
BLAME, HEIGHTS, TAKEOVER = BlameSettings(), HeightErrors(), TakeoverSettings()
PATHS, APPARITION, UNCORROBORATED = PathSettings(), ApparitionSettings(), UncorroboratedTrackSettings()
LIVE = LiveSettings()


@dataclass(frozen=True, slots=True)
class VisitorSettings:
    """The parameters of identification, stored with every result."""

    motion: MotionSettings = MOTION
    overlap: OverlapSettings = OVERLAP
    swap: SwapSettings = SWAP
    blame: BlameSettings = BLAME
    heights: HeightErrors = HEIGHTS
    takeover: TakeoverSettings = TAKEOVER
    doors: DoorSettings = DOORS
    stitch: StitchSettings = STITCH
    company: CompanySettings = COMPANY
    paths: PathSettings = PATHS
    lone_sight: UncorroboratedTrackSettings = UNCORROBORATED
    apparition: ApparitionSettings = APPARITION
    live: LiveSettings = LIVE
