package demo

import (
	"context"

	"gongji/app/party"
	"gongji/app/party/organisation"
)

// noPurchaser stands where a notice does not name who buys.
const noPurchaser = "来源未列明的采购单位"

// buyerOf is the organisation a notice is loaded under.
func buyerOf(n notice) string {
	if n.Purchaser == "" {
		return noPurchaser
	}
	return n.Purchaser
}

// sources opens the organisations that the records name. They are as the
// records have them: some could not buy under 财政部令第102号第8条, which their
// tenders say. Two people stand in for all the purchasers, four for all the
// foundations.
func (s *script) sources(ctx context.Context) error {
	all, err := notices()
	if err != nil {
		return err
	}
	for _, p := range plans {
		n := all[p.id]
		if s.orgs[buyerOf(n)] != "" {
			continue
		}
		who := organisation.Profile{Name: buyerOf(n), Region: p.region, Summary: "来自公开的采购公告；由演示账号代为操作。"}
		for _, m := range []member{{party.Officer, "来源经办人"}, {party.Approver, "来源审批人"}, {party.Supervisor, "来源监督人"}} {
			if err := s.seat(ctx, party.Bureau, who, sourcePrefix+string(m.role), m); err != nil {
				return err
			}
		}
	}
	for _, d := range disclosed {
		who := organisation.Profile{Name: d.foundation, Region: d.region, Summary: "来自公开的募捐和使用披露；由演示账号代为操作。"}
		if s.orgs[who.Name] != "" {
			continue
		}
		for _, m := range []member{{party.Officer, "来源项目官员"}, {party.Approver, "来源秘书长"}, {party.Finance, "来源基金会财务"}} {
			if err := s.seat(ctx, party.Foundation, who, sourcePrefix+"foundation."+string(m.role), m); err != nil {
				return err
			}
		}
	}
	t11 := all["T11"]
	if err := s.seat(ctx, party.Enterprise, organisation.Profile{Name: t11.Supplier, USCC: t11.SupplierUSCC, Region: "新疆维吾尔自治区伊犁哈萨克自治州",
		Summary: "来自公开的成交公告。"}, sourcePrefix+"enterprise", member{party.Lead, "来源企业负责人"}); err != nil {
		return err
	}
	if err := s.seat(ctx, party.Social, organisation.Profile{Name: kaixin, Region: "湖北省武汉市", Summary: "来自公开的中标报道；由演示账号代为操作。"},
		sourcePrefix+"social", member{party.Lead, "来源中标人"}); err != nil {
		return err
	}
	return s.seat(ctx, party.Social, organisation.Profile{Name: manyPayees, Summary: "公开披露只有合计，没有逐项列名；演示用它收款。"},
		sourcePrefix+"payees", member{party.Lead, "来源受助方"})
}
