"""How files call the fields: Chinese and English headers, and which column most likely holds which field."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from unicodedata import normalize

from crm.importing.fields import FIELDS, RecordKind

NOISE = re.compile(r"[\s_\-./\\*:：#＊'\"“”]+")
IN_BRACKETS = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
TEN_THOUSANDS = re.compile(r"万元?|10k", re.IGNORECASE)

TABLE = """
contact: 联系人; 联系人姓名; 姓名; 客户姓名; contact; contact name; contact person; full name; name
company: 公司; 公司名称; 单位; 单位名称; 企业名称; company; company name; organization; organisation
phone: 手机; 手机号; 手机号码; 电话; 联系电话; 电话号码; 联系方式; phone; phone number; mobile; cell; telephone; tel
email: 邮箱; 电子邮箱; 电子邮件; 邮件; email; e-mail; mail; email address
wechat: 微信; 微信号; wechat; wechat id; weixin
region: 地区; 区域; 省份; 城市; 所在地; 所在地区; region; area; city; province; country; location
source: 来源; 线索来源; 客户来源; 渠道; 渠道来源; source; lead source; channel
campaign: 市场活动; 活动; 活动名称; campaign; event; campaign name
rep: 销售; 销售人员; 销售代表; 业务员; 负责人; 跟进人; 员工; sales rep; rep; salesperson; owner; assigned to; sales agent
owner: 负责人; 销售; 销售人员; 业务员; 跟进人; 归属人; 所有人; owner; sales rep; rep; salesperson; sales agent; assigned to
team: 团队; 销售团队; 部门团队; 小组; 销售组; team; sales team
product: 产品; 意向产品; 产品意向; 感兴趣产品; 产品兴趣; product; product interest; interested in
products: 产品; 产品名称; 购买产品; 产品明细; 擅长产品; product; products; product name
intent: 意向; 意向度; 意向程度; 购买意向; intent; interest level; rating
note: 备注; 说明; 描述; 附注; note; notes; remark; remarks; comment; comments; description; memo
arrived_on: 到达日期; 线索日期; 登记日期; 录入日期; 创建日期; 创建时间; 日期; arrived on; arrival date; created; created at; created on;
    date
status: 状态; 线索状态; 机会状态; 合同状态; 结果; status; state; result; outcome
handled_on: 首次处理日期; 首次跟进日期; 首次跟进时间; first handled on; first contact date
closed_on: 关闭日期; 结束日期; 成交日期; 关闭时间; 结单日期; closed on; close date; closed date; closing date
failure_reason: 失败原因; 无效原因; failure reason; reason
external_id: 编号; 原编号; 原系统编号; 外部编号; id; external id; record id; lead id; prospect id; opportunity id
name: 名称; 姓名; 客户名称; 客户; 公司名称; 产品名称; 产品; 团队名称; 竞争对手; name; customer name; account; account name; product;
    product name; team name; full name; competitor
industry: 行业; 所属行业; industry; sector
address: 地址; 详细地址; 公司地址; address; street
contact_title: 联系人职务; 职位; 职务; 联系人职位; title; job title; position
created_on: 创建日期; 创建时间; 建立日期; 登记日期; 立项日期; created on; created; created at; create date; engage date; open date
title: 标题; 机会名称; 商机名称; 销售机会; 项目名称; 商机; title; opportunity; opportunity name; deal; deal name
customer: 客户; 客户名称; 公司名称; 单位名称; 甲方; customer; customer name; account; account name; client; company; customer id
amount: 金额; 预计金额; 合同金额; 机会金额; 收款金额; 回款金额; 费用金额; 支出金额; 计划金额; 目标金额; 应收金额; amount; value;
    expected amount; close value; contract amount; invoice amount; target; total
expected_close_on: 预计成交日期; 预计签约日期; 预计结单日期; 预计签单日期; expected close date; expected close; expected close on;
    forecast date
stage: 阶段; 跟进阶段; 销售阶段; 商机阶段; stage; sales stage; deal stage
loss_reason: 输单原因; 丢单原因; 停止原因; 输单停止原因; loss reason; lost reason; reason lost
loss_competitor: 输给; 输给对手; 输单对手; 赢单对手; 竞争对手; lost to; competitor
loss_note: 输单说明; 输单备注; loss note
contract_number: 合同编号; 合同号; contract no; contract number
contract_signed_on: 合同签订日期; 签约日期; 签订日期; 合同日期; contract date; signed on; sign date
contract_amount: 合同金额; 签约金额; contract amount; contract value
number: 合同编号; 合同号; 编号; contract no; contract number; number; no; invoice number; invoice no
opportunity: 销售机会; 机会; 商机; 机会编号; 商机编号; 机会名称; 商机名称; opportunity; opportunity id; deal; deal id
signer: 签约人; 签单人; 销售; 业务员; signer; signed by; sales rep; rep
carer: 维护人; 现负责人; 跟进负责人; carer; account manager
signed_on: 签约日期; 签订日期; 合同日期; 签单日期; signed on; sign date; signing date; contract date; invoice date
starts_on: 开始日期; 起始日期; 生效日期; starts on; start date; from
ends_on: 结束日期; 截止日期; 到期日期; ends on; end date; until; to
due_on: 应收日期; 应付日期; 到期日; 计划收款日期; due on; due date; due
settled_on: 结清日期; 付清日期; settled on; settled date; settle date; paid date
completed_on: 完结日期; 完成日期; completed on; completion date
voided_on: 作废日期; voided on; void date
void_reason: 作废原因; void reason
contract: 合同; 合同编号; 合同号; contract; contract no; contract number
no: 期数; 期次; 序号; no; instalment; installment; instalment no
condition: 付款条件; 收款条件; 条件; condition; terms
received_on: 收款日期; 回款日期; 到账日期; received on; receipt date; payment date; date
method: 方式; 收款方式; 付款方式; 支付方式; 跟进方式; method; payment method; type
instalment: 期数; 期次; instalment; installment; instalment no
category: 类别; 支出类别; 费用类别; 产品类别; 分类; 系列; category; type; series; cost category
paid_on: 支出日期; 付款日期; 发生日期; 日期; paid on; payment date; date
writer: 跟进人; 记录人; 填写人; 销售; 写入人; written by; author; by; rep; sales rep
day: 日期; 跟进日期; 跟进时间; day; date; follow-up date
content: 内容; 跟进内容; 跟进记录; content; text; summary
feedback: 客户反馈; 反馈; feedback; customer feedback
problem: 问题; 客户问题; problem; issue
department: 部门; 责任部门; department
next_step: 下一步; 下一步计划; 下步计划; next step; next action
next_step_on: 下一步日期; 下次跟进日期; 下次跟进时间; next step on; next step date; next date
month: 月份; 月; 计划月份; month; period
code: 编码; 产品编码; 产品编号; 货号; 型号; code; product code; sku
unit: 单位; 计量单位; unit; uom
list_price: 标价; 目录价; 单价; 价格; 售价; list price; price; sales price; unit price
floor_price: 底价; 最低价; floor price; minimum price
tax_rate: 税率; tax rate; vat
active: 启用; 是否启用; 在职; 有效; active; enabled
aliases: 别名; 简称; aliases; alias; also known as
price_level: 价格水平; 价位; price level
login: 登录名; 账号; 帐号; 用户名; login; user; username; user name; account
roles: 角色; 岗位; role; roles
team_lead: 团队负责人; 主管; 上级; 经理; team lead; manager; supervisor
industries: 擅长行业; 行业; industries; industry
regions: 擅长地区; 负责区域; 地区; 区域; 办事处; regions; region; office; regional office
customer_limit: 在跟客户上限; 客户上限; 客户数上限; customer limit
language: 语言; language
leader: 负责人; 团队负责人; 团队长; 主管; 经理; leader; team lead; manager
"""


def _synonyms(table: str) -> Mapping[str, tuple[str, ...]]:
    """The table as a mapping; a line that is indented goes on with the field above."""
    lines = (line.partition(":") for line in table.strip().replace("\n    ", " ").splitlines())
    return {key: tuple(word.strip() for word in words.split(";")) for key, _, words in lines}


SYNONYMS = _synonyms(TABLE)
"""How files call a field, the likeliest first; a field's own label and key count besides."""


def header_key(text: str) -> str:
    """What two spellings of one header share: width, case, spaces and punctuation do not count; what stands in brackets does."""
    return NOISE.sub("", normalize("NFKC", text).casefold())


def header_keys(header: Iterable[str]) -> frozenset[str]:
    """A file's columns as a set, whatever their order: what a layout is found by."""
    return frozenset(key for name in header if (key := header_key(name)))


@cache
def _spellings(kind: RecordKind) -> dict[str, list[tuple[int, str]]]:
    """For each spelling the fields that it may mean, with its place among their synonyms."""
    spellings: dict[str, list[tuple[int, str]]] = {}
    for field in FIELDS[kind]:
        for place, word in enumerate((field.key, field.label, *SYNONYMS.get(field.key, ()))):
            spellings.setdefault(header_key(word), []).append((place, field.key))
    return spellings


def guess_columns(header: Iterable[str], kind: RecordKind) -> dict[str, str]:
    """Which column most likely holds which field: column → field key. Each field at most once, doubtful columns not at all."""
    spellings = _spellings(kind)
    found: list[tuple[int, int, str, str]] = []
    for position, column in enumerate(header):
        plain = header_key(IN_BRACKETS.sub("", column))
        for exactness, key in enumerate((header_key(column), plain)):
            found += [(place + 100 * exactness, position, column, field) for place, field in spellings.get(key, ())]
    chosen: dict[str, str] = {}
    for _, _, column, field in sorted(found):
        if column and column not in chosen and field not in chosen.values():
            chosen[column] = field
    return chosen


def unit_of(column: str) -> str:
    """What an amount of the column is to be multiplied with, as its header says: 金额(万元) → 10000."""
    inside = "".join(IN_BRACKETS.findall(normalize("NFKC", column)))
    return "10000" if TEN_THOUSANDS.search(inside) else ""
