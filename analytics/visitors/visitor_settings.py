"""The parameters of identification, each with its default and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from analytics.visitors.false_positives.false_positive_settings import (
    ApparitionSettings,
    UncorroboratedTrackSettings,
)


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """How people move while nobody sees them.

    Attributes:
        walking_sigma_m_s: of each component of a walker's velocity; a speed of 1.05 m/s is common in halls.
        standing_sigma_m_s: of each component of the velocity of somebody who stands.
        velocity_memory_s: a walker keeps direction and speed for about so long (Ornstein-Uhlenbeck process).
        standing_memory_s: mean time until somebody who stands begins to walk.
        walking_memory_s: mean time until a walker stops.
        sway_m, sway_m2_per_s: standard deviation of the place of somebody who stays, and what its variance
            grows by.
        wander_m_s: somebody who stopped or started unseen is found in a blot that grows so fast,
        near_share, near_m, near_s: but for so many who stopped at once, as far on as they would have come in
            so short a time: they walked up to what hides them.
        fastest_m_s: faster is no walk.
        outlier_share, outlier_factor: so many ends have a position error so many times as large (the feet
            were hidden before the person was).
        stray_share, stray_m: so many people who are found again by the camera that lost them stray so far
            along its line of sight, since their feet were hidden at one end.
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
    near_share: float = 0.5
    near_m: float = 0.6
    near_s: float = 0.7
    fastest_m_s: float = 2.2
    outlier_share: float = 0.2
    outlier_factor: float = 4.0
    stray_share: float = 0.2
    stray_m: float = 1.5
    end_sigma_m: float = 0.07
    camera_sigma_m: float = 0.25


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """How much companions tell of where somebody who was lost is found.

    Attributes:
        reach_m, window_s, least_s: somebody who was so near for so long, of the time before the other was
            lost, is a companion.
        min_gap_s: before that, one's own way tells enough.
        share: of those who are found while a companion is seen so many stayed with them,
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
    """When a tracklet is taken to go on in another.

    Attributes:
        longest_gap_s: a person unseen for longer is a new visitor.
        longest_overlap_s: a tracklet may begin so long before the one that it continues ends.
        max_outage_s: no link over a time in which the cameras were off for longer.
        short_gap_s, long_gap_s, long_gap_share: gaps are exponential with the first mean, or for a share
            with the second.
        overlap_odds: density per second of a gap of less than nothing.
        continued_log_ratio: for a link between the parts of a tracklet that was cut.
        edge_reach_m: how near the edge of the view, a second's walk away, people come and go.
        edge_share, middle_share, unknown_share: before anything is seen, the share of the tracklets that
            begin (or end) at an edge or a door, in the middle of the floor, or anywhere where no view is
            known, which really are people who come (or go).
        prior_weight: of these shares against what the links say, when they are learned.
        map_sigma_m: where people come and go is mapped with this kernel.
        rounds: of learning where people come and go.
        min_confidence: so likely the one must be found again, and the other have been lost, whoever else
            it may have been.
        company: what those say whom somebody was with.
    """

    longest_gap_s: float = 30.0
    longest_overlap_s: float = 1.0
    max_outage_s: float = 5.0
    short_gap_s: float = 0.7
    long_gap_s: float = 9.0
    long_gap_share: float = 0.65
    overlap_odds: float = 0.05
    continued_log_ratio: float = 2.5
    edge_reach_m: float = 0.8
    edge_share: float = 0.98
    middle_share: float = 0.24
    unknown_share: float = 0.3
    prior_weight: float = 1.0
    map_sigma_m: float = 0.8
    rounds: int = 3
    min_confidence: float = 0.5
    company: CompanySettings = field(default_factory=CompanySettings)


@dataclass(frozen=True, slots=True)
class OverlapSettings:
    """When two tracklets that exist at the same time are one person.

    Attributes:
        reach_m: pairs that never come nearer are not looked at.
        first_shift_sigma_m: disagreement of two calibrations, each component, before anything is seen.
        min_shift_sigma_m: what is left of it from place to place once the common part is known.
        shift_prior_pairs: the first value counts as much as so many pairs.
        error_m: of each difference, beside the position errors.
        correlation_s: errors are alike for so long.
        most_independent: longer company is no more evidence than so many independent looks.
        stray_share, stray_m: of one person's differences so many stray this far (feet hidden from a camera).
        company_share, company_m: of the people near somebody so many walk along, and keep their place to
            this much; of the others it varies by ``stranger_m``.
        min_crowding_per_m2: other people near somebody.
        duplicate_m, duplicate_share, max_duplicate_s: a tracklet so near another of its camera for this
            share of its life, and no longer alive, is its duplicate.
        duplicate_log_ratio: what a duplicate counts against other evidence.
        max_clash_s: tracklets of one person may both exist for so long without being near.
        alone_log_ratio, alone_s, alone_m: evidence of one person against two, where two tracklets are
            together for so long, no farther apart, and no likelier partner of either stands against it: of
            two people, each would be unseen by one of the cameras all the while. In training scenes with two
            cameras 2.8 % of the people are double with it, 3.6 % at 1.2 m, and 4.9 % without.
        alone_along_m, alone_across_m: or where they are so far apart along a camera's line of sight, and
            across it.
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
    duplicate_m: float = 0.35
    duplicate_share: float = 0.9
    max_duplicate_s: float = 10.0
    duplicate_log_ratio: float = 1.0
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
    """When a tracklet is taken to have gone over to another person, as a second camera shows.

    Attributes:
        together_m, together_s: tracklets this near for so long are one person for that time.
        hole_s: a shorter parting in between does not count.
        apart_m, apart_s: they are two people if they are farther apart for so long.
        min_blame, min_parting_blame: only the tracklet to blame is cut where so much more speaks for it,
            in log odds, if one lies on another from then on, and if it lies on none.
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
    """How sure the mean of one person's measured heights is.

    Attributes:
        bias_sigma_m, look_sigma_m: what no number of looks averages away, and what does. Between both sides
            of encounters that exchanged nobody, heights differ by 0.02 to 0.03 m.
        correlation_s: looks less than so long apart are one.
    """

    bias_sigma_m: float = 0.02
    look_sigma_m: float = 0.03
    correlation_s: float = 2.0


@dataclass(frozen=True, slots=True)
class BlameSettings:
    """Which of several tracklets went over to another person: weights are changes of its log odds.

    Fitted to 1,209 handovers in five scenes of two authors, whose simulators know whom each box is of.
    Learned from those of one author, weights tell who is to blame in those of the other with an area under
    the curve of 0.84 and 0.95.

    Attributes:
        around_s: it is looked at so long before and after the moment.
        per_m, reach_m: for each metre that the nearest other tracklet of its camera is away, up to so far.
        per_log_sigma, least_sigma_m, max_sigma_m: for the log of its largest position error.
        per_m_s, fastest_m_s: for its highest speed, which jumps.
        by_turnover, turnover_s: if one of these others begins or ends so near the moment.
        by_witness: less for each further camera in which it lies on one tracklet before and after the moment.
            Not fitted: with four cameras on one hall, 2 to 8 do alike.
        per_height_sigma, max_height_sigmas: for each standard deviation of its height from that before.
        height_margin_s, height_window_s, min_heights: which are averaged from so far off the moment on to
            so far, of so many rows.
        heights: their errors.
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
    heights: HeightErrors = field(default_factory=HeightErrors)


@dataclass(frozen=True, slots=True)
class TakeoverSettings:
    """When a tracklet is taken to have gone over to another person, as one shows who begins beside it.

    Attributes:
        near_m, hidden_s, slack_s: it was so near where the other begins, so shortly before or after.
        there_m: it has left that place once it is farther from it.
        min_life_s, min_rows: shorter parts, and shorter others, tell nothing.
        window_s: of what was before and after, no more counts.
        least_log_ratio: evidence from which on a takeover is believed.
    """

    near_m: float = 0.8
    hidden_s: float = 4.0
    slack_s: float = 0.3
    there_m: float = 0.5
    min_life_s: float = 1.5
    min_rows: int = 5
    window_s: float = 12.0
    least_log_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """When two tracklets are taken to have exchanged their people in an encounter.

    Found with three simulators of crowds: of 56 encounters that exchanged two people 28 are undone so, of
    1,344 that did not, 4 are spoilt. Most of the others were of one height, to 0.03 m, so that nothing tells.

    Attributes:
        near_m, apart_s: the two were so near; two times less than so long apart are one encounter.
        window_s: heights are averaged over so long before and after.
        settles_s: after an exchange, the measured height is that of the new person.
        heights: their errors.
        margin_s: places so shortly before and after the encounter are not trusted.
        motion_window_s, min_motion_s: so much of a tracklet tells place and velocity, or at least so much.
        hidden_s: if it was seen so shortly before or after the encounter.
        longest_s: after a longer encounter, places and velocities tell nothing.
        worst_log: no way is unlikelier than this, as a log density.
        least_log_ratio: evidence from which on an exchange, which is rare, is believed.
    """

    near_m: float = 0.5
    apart_s: float = 1.0
    window_s: float = 12.0
    settles_s: float = 5.0
    heights: HeightErrors = field(default_factory=HeightErrors)
    margin_s: float = 0.3
    motion_window_s: float = 1.5
    min_motion_s: float = 0.6
    hidden_s: float = 8.0
    longest_s: float = 8.0
    worst_log: float = 12.0
    least_log_ratio: float = 1.5


@dataclass(frozen=True, slots=True)
class PathSettings:
    """How one path is made of a visitor's tracklets.

    Attributes:
        max_fill_s: a shorter gap is filled in on a straight line.
        max_standing_fill_s, standing_way_m, standing_confidence: so is a longer one, across less than
            this way, where the link is at least so sure: somebody who stood there.
        taken_m, taken_share: unless somebody else is seen so near the line for so much of the gap, who is
            then rather the same person with another number.
        occupied_m: nor is a line that a tracker drew kept where somebody else is seen so near for that share:
            no two people are in one place. The farther, the oftener they were hidden behind the other one.
        unseen_m2_per_s: variance that the place of an unseen person gains.
        smoothing_s: width of the moving mean; a longer one loses short stays.
    """

    max_fill_s: float = 4.0
    max_standing_fill_s: float = 30.0
    standing_way_m: float = 1.0
    standing_confidence: float = 0.7
    taken_m: float = 0.5
    taken_share: float = 0.5
    occupied_m: float = 0.3
    unseen_m2_per_s: float = 0.1
    smoothing_s: float = 1.0


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What only the live view needs.

    Attributes:
        wait_s: a tracklet waits so long from its beginning on until it is decided whose it is.
        memory_s: so much of every tracklet is compared with those of other cameras.
        shown_s: somebody unseen for longer is not shown.
        smoothing_s: the place shown is the mean over so long.
        compare_every_s, join_log_ratio: so often it is looked whether two visitors are one, and joined from
            this log ratio on.
        crowding_per_m2: other people near somebody.
        shift_looks, shift_sigma_m, max_looks: what two cameras disagree by counts as half known after so
            many looks at one person, is known to this, and is the mean over about so many.
        learning_s: how often tracklets begin is not trusted before.
        map_margin_m: the map of the views' edges reaches so far beyond where people were.
        clock_slack_s: a clock may jitter back by so much.
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


@dataclass(frozen=True, slots=True)
class VisitorSettings:
    """Parameters of ``identify_visitors``; stored with every result."""

    motion: MotionSettings = field(default_factory=MotionSettings)
    overlap: OverlapSettings = field(default_factory=OverlapSettings)
    swap: SwapSettings = field(default_factory=SwapSettings)
    blame: BlameSettings = field(default_factory=BlameSettings)
    takeover: TakeoverSettings = field(default_factory=TakeoverSettings)
    exchange: ExchangeSettings = field(default_factory=ExchangeSettings)
    stitch: StitchSettings = field(default_factory=StitchSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    lone_sight: UncorroboratedTrackSettings = field(default_factory=UncorroboratedTrackSettings)
    apparition: ApparitionSettings = field(default_factory=ApparitionSettings)
    live: LiveSettings = field(default_factory=LiveSettings)
