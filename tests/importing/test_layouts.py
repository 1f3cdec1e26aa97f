"""A layout is a small text: it says what it means or is refused with the entry that is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.importing.fields import FIELDS, FieldType, RecordKind, fields_of
from crm.importing.headers import SYNONYMS, guess_columns, header_keys
from crm.importing.layouts import (
    Layout,
    Rule,
    dump_layout,
    find_layout,
    guess_layout,
    load_layouts,
    missing_fields,
    parse_layout,
    refuse_missing,
)
from crm.importing.problems import (
    FieldFedTwice,
    FieldUnknown,
    LayoutEntryWrong,
    LayoutUnreadable,
    NotAName,
    RequiredFieldsMissing,
    SeveralLayoutsFit,
    TemplateWrong,
)

HEAD = 'name = "展会"\nkind = "leads"\n'
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
KEYS = st.sampled_from([field.key for field in FIELDS[RecordKind.OPPORTUNITIES]])
COLUMN = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8)
PLAIN = TEXT.map(lambda text: text.replace("{", "").replace("}", ""))

RULES = st.builds(
    Rule,
    when=st.dictionaries(KEYS, st.lists(TEXT, max_size=2).map(tuple), max_size=2),
    set=st.dictionaries(KEYS, PLAIN, max_size=2),
)


@st.composite
def layouts(draw):
    fed = draw(st.dictionaries(COLUMN, st.lists(KEYS, min_size=1, max_size=2, unique=True).map(tuple), max_size=4))
    mapped = {key for keys in fed.values() for key in keys}
    return Layout(
        name=draw(COLUMN),
        kind=RecordKind.OPPORTUNITIES,
        system=draw(TEXT),
        date_order=draw(st.sampled_from([None, "ymd", "mdy", "dmy"])),
        decimal=draw(st.sampled_from([".", ","])),
        list_separators=draw(TEXT),
        columns=fed,
        ignored=tuple(draw(st.lists(COLUMN, max_size=3))),
        blanks=tuple(draw(st.lists(TEXT, max_size=3))),
        constants={key: text for key, text in draw(st.dictionaries(KEYS, TEXT, max_size=3)).items() if key not in mapped},
        supplied=draw(st.dictionaries(KEYS, PLAIN, max_size=3)),
        computed=draw(st.dictionaries(KEYS, st.lists(PLAIN, min_size=1, max_size=3).map(tuple), max_size=3)),
        rules=tuple(draw(st.lists(RULES, max_size=2))),
        values=draw(st.dictionaries(KEYS, st.dictionaries(TEXT, TEXT, max_size=3), max_size=2)),
        unknown=draw(st.dictionaries(st.sampled_from(["owner", "customer", "products"]), st.sampled_from(["create", "refuse", "map:王"]))),
        multiply=draw(st.dictionaries(st.just("amount"), st.sampled_from(["10000", "0.01"]))),
        not_required=tuple(draw(st.lists(KEYS, max_size=2))),
    )  # fmt: skip


@given(layouts())
def test_a_layout_survives_being_written_and_read(layout):
    assert parse_layout(dump_layout(layout)) == layout


@pytest.mark.parametrize(
    ("text", "problem", "says"),
    [
        ("name = ", LayoutUnreadable, "can't be read"),
        ('kind = "leads"', LayoutEntryWrong, "name"),
        (HEAD.replace("leads", "wishes"), LayoutEntryWrong, "kind"),
        (HEAD + "colums = {}", LayoutEntryWrong, "colums"),
        (HEAD + 'date_order = "ydm"', LayoutEntryWrong, "date_order"),
        (HEAD + "[columns]\nA = [1, {}]", LayoutEntryWrong, "columns.A.1"),
        (HEAD + '[columns]\n"姓名" = "contct"', FieldUnknown, "contct"),
        (HEAD + '[values.contct]\na = "b"', FieldUnknown, "contct"),
        (HEAD + '[[rules]]\nwhen = {status = "won"}\nset = {lost = "x"}', FieldUnknown, "lost"),
        (HEAD + "[multiply]\ncontact = 10000", FieldUnknown, "contact"),
        (HEAD + '[columns]\n"来源" = "source"\n[constants]\nsource = "展会"', FieldFedTwice, "Lead source"),
        (HEAD + '[unknown]\nsource = "guess"', LayoutEntryWrong, "unknown.source"),
        (HEAD + '[unknown]\nnote = "create"', NotAName, "Note"),
        (HEAD + '[computed]\ncontact = "{nobody}"', TemplateWrong, "nobody"),
        (HEAD + '[computed]\ncontact = "{contact|shout}"', TemplateWrong, "{contact|shout}"),
    ],
)
def test_a_bad_layout_is_a_sentence_that_names_the_entry(text, problem, says):
    with pytest.raises(problem) as refused:
        parse_layout(text)
    assert says in str(refused.value)


def test_constants_may_be_written_as_what_they_are():
    layout = parse_layout('name = "x"\nkind = "customers"\n[constants]\nname = 7\ncreated_on = 2026-03-05\n')
    assert layout.constants == {"name": "7", "created_on": "2026-03-05"}


def test_required_fields_that_nothing_fills_are_named_and_defaults_fill_them():
    layout = parse_layout(HEAD + '[columns]\n"姓名" = "contact"\n"电话" = "phone"')
    with pytest.raises(RequiredFieldsMissing) as refused:
        refuse_missing(layout)
    assert refused.value.fields == ("source", "rep", "arrived_on")
    assert missing_fields(layout.with_defaults({"source": "展会", "rep": "王", "arrived_on": "2026-03-05"})) == ()
    with pytest.raises(FieldUnknown):
        layout.with_defaults({"reps": "王"})


def test_leads_need_a_phone_or_an_email_unless_the_layout_says_there_is_none():
    columns = '[columns]\na = "contact"\nb = "source"\nc = "rep"\nd = "arrived_on"\n'
    assert [field.key for field in missing_fields(parse_layout(HEAD + columns))] == ["phone", "email"]
    assert missing_fields(parse_layout(HEAD + columns + 'e = "email"')) == ()
    assert missing_fields(parse_layout(HEAD + 'not_required = ["phone"]\n' + columns)) == ()


def test_a_layout_is_found_by_the_file_whatever_the_order_case_and_width_of_its_header():
    small = parse_layout(HEAD + '[columns]\n"姓名" = "contact"\nPhone = "phone"')
    large = parse_layout(HEAD.replace("展会", "大") + '[columns]\n"姓名" = "contact"\nPhone = "phone"\n"来源" = "source"')
    assert find_layout(["ＰＨＯＮＥ ", "姓 名"], [small, large]) == small
    assert find_layout(["来源", "phone", "姓名"], [small, large]) == large
    assert find_layout(["电话", "姓名"], [small, large]) is None
    assert find_layout(["phone", "姓名"], [small], RecordKind.CUSTOMERS) is None
    with pytest.raises(SeveralLayoutsFit):
        find_layout(["phone", "姓名"], [small, small.model_copy(update={"name": "二"})])


def test_headers_in_either_language_find_their_fields():
    assert guess_columns(["联系人", "手机号（必填）", "公司名称", "线索来源", "负责人", "备注", "心情"], RecordKind.LEADS) == {
        "联系人": "contact", "手机号（必填）": "phone", "公司名称": "company", "线索来源": "source", "负责人": "rep", "备注": "note",
    }  # fmt: skip
    assert guess_columns(["Contact_Name", "E-mail", "Lead Source*", "Owner"], RecordKind.LEADS) == {
        "Contact_Name": "contact", "E-mail": "email", "Lead Source*": "source", "Owner": "rep",
    }  # fmt: skip


def test_two_columns_do_not_claim_one_field():
    assert guess_columns(["电话", "手机"], RecordKind.LEADS) == {"手机": "phone"}


def test_a_column_in_ten_thousands_says_so_in_its_header():
    layout = guess_layout(["合同编号", "客户", "签约日期", "合同金额（万元）", "签约人", "页码"], RecordKind.CONTRACTS, "合同")
    assert layout.multiply == {"amount": "10000"}
    assert layout.ignored == ("页码",)
    assert missing_fields(layout) == ()
    assert parse_layout(dump_layout(layout)) == layout


def test_every_field_can_be_guessed_by_its_own_label_and_has_synonyms():
    for kind, fields in FIELDS.items():
        keys = [field.key for field in fields]
        assert len(keys) == len(set(keys))
        assert {guess_columns([field.label], kind).get(field.label) for field in fields} == set(keys), kind
        assert not [key for key in keys if key not in SYNONYMS], kind
    assert not SYNONYMS.keys() - {field.key for fields in FIELDS.values() for field in fields}


def test_fields_that_name_records_are_told_from_the_others():
    for fields in FIELDS.values():
        for field in fields:
            assert field.names is None or field.type in (FieldType.NAME, FieldType.NAMES)
            assert (field.words is not None) == (field.type in (FieldType.CHOICE, FieldType.CHOICES))


def test_the_layouts_that_come_with_the_product_are_sound():
    layouts = load_layouts()
    assert len({layout.name for layout in layouts}) == len(layouts) == 6
    for layout in layouts:
        refuse_missing(layout)
        assert parse_layout(dump_layout(layout)) == layout
        assert find_layout([*layout.used_columns(), *layout.ignored], layouts) == layout
        assert header_keys(layout.used_columns())
        assert all(layout.fields[key].names for key in layout.unknown)


def test_kinds_have_their_fields():
    assert set(fields_of(RecordKind.TARGETS)) == {"month", "team", "rep", "amount"}
