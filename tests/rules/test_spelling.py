"""How names are put in order."""

from crm.rules.spelling import name_order


def test_names_sort_by_pinyin() -> None:
    assert sorted(["赵敏", "Ada", "王强", "陈立", "林晓梅", "孙浩"], key=name_order) == ["Ada", "陈立", "林晓梅", "孙浩", "王强", "赵敏"]
