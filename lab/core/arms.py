"""The arms of a case as the clock compares them, and how the null control is named in the table."""

from lab.core.schema import NULL_SUFFIX, CasePlan


def control_of(baseline: str) -> str:
    """The name under which the table holds the second side of a baseline's null control."""
    return baseline + NULL_SUFFIX


def is_control(arm: str) -> bool:
    """Whether this is a baseline under its second name."""
    return arm.endswith(NULL_SUFFIX)


def without_control(arm: str) -> str:
    """The arm's own name; a control's is its baseline's."""
    return arm.removesuffix(NULL_SUFFIX)


def compared_arms(case: CasePlan) -> tuple[str, ...]:
    """The arms that the clock compares with a case's baseline, the null control last."""
    arms = tuple(arm.name for arm in case.arms if arm.name != case.baseline)
    return (*arms, control_of(case.baseline)) if case.null else arms
