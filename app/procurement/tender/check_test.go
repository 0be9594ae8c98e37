package tender_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

func scoring(rows ...string) []tender.CriterionForm {
	var out []tender.CriterionForm
	for _, r := range rows {
		kind, w, _ := strings.Cut(r, " ")
		out = append(out, tender.CriterionForm{Name: "评分项", Weight: w, Kind: kind, Bands: "达到 = " + w + "\n未达到 = 0"})
	}
	return out
}

// banded is a table of a price and one scored item with the intervals.
func banded(bands string) []tender.CriterionForm {
	return []tender.CriterionForm{{Name: "价格", Weight: "10", Kind: tender.PriceCriterion}, {Name: "方案", Weight: "90", Kind: tender.ExpertCriterion, Bands: bands}}
}

const twoCodes = "91654026MA78WT2Q66\n9112010423901886X5"

func TestRules(t *testing.T) {
	type m = map[string]string
	consult := m{"method": "consultation", "deadline": "2026-06-11", "documents_until": "2026-06-08"}
	with := func(base m, more m) m {
		out := m{}
		for k, v := range base {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	cases := []struct {
		name     string
		change   m
		criteria []tender.CriterionForm
		field    string // "" means lawful
		says     string
	}{
		{"lawful", nil, nil, "", ""},
		{"102号令10 negative list yes", m{"negative_4": "yes"}, nil, "negative_4", "第10条"},
		{"102号令10 not answered", m{"negative_6": ""}, nil, "negative_6", "第10条"},
		{"102号令14 not in the catalogue", m{"catalogue_code": "C99999999"}, nil, "catalogue_code", "第14条"},
		{"102号令14 no catalogue entry", m{"catalogue_code": ""}, nil, "catalogue_code", "第14条"},
		{"102号令14 no budget", m{"budget": ""}, nil, "budget", "第14条"},
		{"102号令24 twelve months", m{"term_months": "12"}, nil, "", ""},
		{"102号令24 thirteen months, no reason", m{"term_months": "13"}, nil, "term_reason", "第24条"},
		{"102号令24 thirty-six months with a reason", m{"term_months": "36", "term_reason": "内容固定、连续性强"}, nil, "", ""},
		{"102号令24 thirty-seven months", m{"term_months": "37", "term_reason": "内容固定"}, nil, "term_months", "第24条"},
		{"102号令24 a year by dates", m{"term_months": "", "term_start": "2026-07-01", "term_end": "2027-06-30"}, nil, "", ""},
		{"102号令24 a year and a day by dates", m{"term_months": "", "term_start": "2026-07-01", "term_end": "2027-07-01"}, nil, "term_reason", "第24条"},
		{"dates the wrong way round", m{"term_start": "2026-07-01", "term_end": "2026-06-01"}, nil, "term_end", "晚于"},
		{"102号令 nature of the service not said", m{"public_service": ""}, nil, "public_service", "公共服务"},
		{"87号令20 no contract terms", m{"contract_terms": ""}, nil, "contract_terms", "合同主要条款"},
		{"87号令55 the best interval is not the weight", nil, banded("30 = 好 = 40\n差 = 0"), "criteria.1.bands", "第55条"},
		{"87号令55 intervals overlap", nil, banded("0–2 个 = 10\n2–5 个 = 90"), "criteria.1.bands", "重叠"},
		{"87号令55 two intervals with the same points", nil, banded("好 = 90\n较好 = 90"), "criteria.1.bands", "各不相同"},
		{"87号令55 counted intervals", nil, banded("0 个 = 0\n1–2 个 = 40\n3 个及以上 = 90"), "", ""},
		{"87号令55 two ranges of points share one", nil, banded("好 = 60–90\n较好 = 30–60"), "criteria.1.bands", "各不相同"},
		{"87号令55 a range of points the wrong way round", nil, banded("好 = 90–60\n差 = 0"), "criteria.1.bands", "从低到高"},
		{"22号21 a scored item without intervals is a substantive requirement", nil, banded(""), "criteria.1.bands", "财库〔2021〕22号第21条"},
		{"2号 the documents keep the rate of the law", m{"abnormal_mean": "50", "abnormal_second": "50", "abnormal_ceiling": "45"}, nil, "", ""},
		{"2号 the documents raise the rates to 65%", m{"abnormal_mean": "65", "abnormal_second": "65%", "abnormal_ceiling": "65"}, nil, "", ""},
		{"2号 the documents raise a rate above 65%", m{"abnormal_mean": "65.01"}, nil, "abnormal_mean", "65%"},
		{"2号 the documents raise the second rate above 65%", m{"abnormal_second": "65.01"}, nil, "abnormal_second", "财库〔2026〕2号"},
		{"2号 the documents lower the rate of the mean", m{"abnormal_mean": "49.99"}, nil, "abnormal_mean", "50%"},
		{"2号 the documents lower the rate of the ceiling", m{"abnormal_ceiling": "44.99"}, nil, "abnormal_ceiling", "45%"},
		{"2号 a rate that is no number", m{"abnormal_ceiling": "半数"}, nil, "abnormal_ceiling", "百分数"},
		{"small firms 9.99%", m{"sme_reserved": "no", "sme_deduction": "9.99"}, nil, "sme_deduction", "10%"},
		{"small firms 10%", m{"sme_reserved": "no", "sme_deduction": "10"}, nil, "", ""},
		{"small firms 20.01%", m{"sme_reserved": "no", "sme_deduction": "20.01"}, nil, "sme_deduction", "20%"},
		{"small firms consortium 3%", m{"sme_reserved": "part", "sme_share": "30", "sme_deduction": "10", "sme_consortium": "3"}, nil, "sme_consortium", "4%"},
		{"small firms part without a share", m{"sme_reserved": "part", "sme_deduction": "10"}, nil, "sme_share", "份额"},
		{"small firms set aside as a whole deduct nothing", m{"sme_reserved": "yes", "sme_deduction": "10"}, nil, "sme_deduction", "不再"},
		{"法35 twentieth day", m{"deadline": "2026-06-21T00:00"}, nil, "", ""},
		{"法35 a minute short", m{"deadline": "2026-06-20T23:59"}, nil, "deadline", "第35条"},
		{"法35 counted from later documents", m{"documents_from": "2026-06-03", "documents_until": "2026-06-12"}, nil, "deadline", "2026年6月23日："},
		{"deadline in the past", m{"deadline": "2026-05-31T09:00"}, nil, "deadline", "已经过去"},
		{"deadline is now", m{"deadline": "2026-06-01T09:00"}, nil, "deadline", "已经过去"},
		{"条例31 fifth working day", m{"documents_until": "2026-06-08"}, nil, "", ""},
		{"条例31 fourth working day", m{"documents_until": "2026-06-05"}, nil, "documents_until", "第31条"},
		{"documents after the deadline", m{"documents_until": "2026-06-30"}, nil, "documents_until", "不能晚于"},
		{"214号10 tenth day", consult, nil, "", ""},
		{"214号10 ninth day", with(consult, m{"deadline": "2026-06-10T23:59"}), nil, "deadline", "214号"},
		{"214号24 price 30", consult, scoring("price 30", "expert 70"), "", ""},
		{"214号24 price 30.01", consult, scoring("price 30.01", "expert 69.99"), "criteria", "214号"},
		{"214号24 price 9.99", consult, scoring("price 9.99", "expert 90.01"), "criteria", "214号"},
		{"214号 no lowest price", with(consult, m{"scoring": "lowest"}), nil, "scoring", "综合评分法"},
		{"87号令55 price 10", nil, scoring("price 10", "expert 90"), "", ""},
		{"87号令55 price 9.99", nil, scoring("price 9.99", "expert 90.01"), "criteria", "第55条"},
		{"87号令55 no ceiling on the weight", nil, scoring("price 90", "expert 10"), "", ""},
		{"87号令55 two price rows", nil, scoring("price 10", "price 10", "expert 80"), "criteria", "第55条"},
		{"87号令55 no price row", nil, scoring("expert 100"), "criteria", "第55条"},
		{"87号令55 fixed price is no factor", m{"fixed_price": "yes"}, scoring("expert 100"), "", ""},
		{"87号令55 fixed price scored", m{"fixed_price": "yes"}, scoring("price 10", "expert 90"), "criteria", "统一价格"},
		{"最低评标价法 has no table", m{"scoring": "lowest"}, scoring("price 10", "expert 90"), "criteria", "最低评标价法"},
		{"最低评标价法", m{"scoring": "lowest"}, []tender.CriterionForm{}, "", ""},
		{"weights 99.99", nil, scoring("price 10", "expert 89.99"), "criteria", "还差 0.01"},
		{"weights 100.01", nil, scoring("price 10", "expert 90.01"), "criteria", "多了 0.01"},
		{"weight with three decimals", nil, scoring("price 10", "expert 90.001"), "criteria.1.weight", "两位小数"},
		{"weight negative", nil, scoring("price 10", "expert -90"), "criteria.1.weight", "0.01 到 100"},
		{"weight zero", nil, scoring("price 0", "expert 100"), "criteria.0.weight", "0.01 到 100"},
		{"criterion of no kind", nil, scoring("magic 10", "expert 90"), "criteria.0.kind", "价格分"},
		{"no criteria", nil, []tender.CriterionForm{}, "criteria", "评分表"},
		{"法32 inquiry is for goods", m{"method": "inquiry"}, nil, "method", "询价"},
		{"法31 single source without a ground", m{"method": "single"}, nil, "ground", "第31条"},
		{"法31 single source from two", m{"method": "single", "ground": "only", "ground_reason": "唯一", "invited": twoCodes}, nil, "invited", "只能写 1 家"},
		{"条例38 single source deadline inside the notice", m{"method": "single", "ground": "only", "ground_reason": "唯一", "deadline": "2026-06-08T18:00"}, nil, "deadline", "第38条"},
		{"法29 invited without a ground", m{"method": "invited"}, nil, "ground", "第29条"},
		{"法34 invited without a way", m{"method": "invited", "ground": "special", "ground_reason": "特殊"}, nil, "way", "请选择"},
		{"法34 two invited", m{"method": "invited", "ground": "special", "ground_reason": "特殊", "way": "library", "way_reason": "抽取", "invited": twoCodes}, nil, "invited", "第34条"},
		{"法34 not one who is registered", m{"method": "invited", "ground": "special", "ground_reason": "特殊", "way": "library", "way_reason": "抽取", "invited": twoCodes + "\n91110000600037341L"}, nil, "invited", "没有在本平台登记"},
		{"法35 invited as in public", m{"method": "invited", "deadline": "2026-06-20T23:59"}, nil, "deadline", "第35条"},
		{"法30 negotiation without a ground", m{"method": "negotiation"}, nil, "ground", "第38条"},
		{"74号令 negotiation third working day", m{"method": "negotiation", "ground": "price", "ground_reason": "数量不定", "deadline": "2026-06-05T00:00", "documents_until": ""}, nil, "", ""},
		{"74号令 negotiation second working day", m{"method": "negotiation", "ground": "price", "ground_reason": "数量不定", "deadline": "2026-06-03T18:00", "documents_until": ""}, nil, "deadline", "74号"},
		{"12号 emergency before its day", m{"method": "emergency"}, nil, "method", "2026-10-01"},
		{"110号令 framework of two years", m{"method": "framework", "term_months": "24"}, nil, "", ""},
		{"110号令 framework of twenty-five months", m{"method": "framework", "term_months": "25", "term_reason": "连续"}, nil, "term_months", "110号"},
		{"110号令 call-off without a framework", m{"method": "calloff"}, nil, "framework", "110号"},
		{"a ground of another method is dropped", m{"ground": "only", "way": "sole", "invited": "x"}, nil, "", ""},
		{"no method", m{"method": ""}, nil, "method", "采购方式"},
		{"budget of three decimals", m{"budget": "1.234"}, nil, "budget", "两位"},
		{"budget negative", m{"budget": "-5"}, nil, "budget", "负"},
		{"budget 10^15", m{"budget": "1000000000000000"}, nil, "budget", "15"},
		{"budget zero", m{"budget": "0"}, nil, "budget", "大于 0"},
		{"ceiling is the budget", m{"ceiling": "770000.00"}, nil, "", ""},
		{"ceiling above the budget", m{"ceiling": "770000.01"}, nil, "ceiling", "不能超过预算"},
		{"unit price", m{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "6000"}, nil, "", ""},
		{"unit price × quantity above the budget", m{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "6417"}, nil, "ceiling_quantity", "超过了预算"},
		{"unit price × quantity beyond counting", m{"ceiling_kind": "unit", "ceiling": "999999999999999", "ceiling_unit": "人次", "ceiling_quantity": "1000000000"}, nil, "ceiling_quantity", "超过了预算"},
		{"unit price without its unit", m{"ceiling_kind": "unit", "ceiling": "120", "ceiling_quantity": "6000"}, nil, "ceiling_unit", "计价单位"},
		{"settlement cap above the budget", m{"ceiling_kind": "unit", "ceiling": "120", "ceiling_unit": "人次", "ceiling_quantity": "60", "ceiling_cap": "800000"}, nil, "ceiling_cap", "不能超过预算"},
		{"a private phone", m{"contact": "李某 13800138000"}, nil, "contact", "办公电话"},
		{"a date that is not one", m{"deadline": "下周三"}, nil, "deadline", "请填写日期"},
		{"a title too long", m{"title": strings.Repeat("长", 121)}, nil, "title", "最多 120"},
		{"HTML and SQL are text", m{"title": "<script>alert(1)</script>养老'; DROP TABLE tender;--", "what": `"><img src=x onerror=alert(1)>`}, nil, "", ""},
		{"names beyond the plane", m{"title": "𠮷祥社区䶮老服务项目"}, nil, "", ""},
	}
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		for _, x := range cases {
			p := tendertest.Complete()
			for k, v := range x.change {
				p.Values[k] = v
			}
			if x.criteria != nil {
				p.Criteria = x.criteria
			}
			draft, err := h.Tenders.Create(ctx, h.Officer, p)
			if err != nil {
				t.Errorf("%s: not even kept: %v", x.name, err)
				continue
			}
			if x.field == "" {
				h.Keyed(t, draft)
			}
			_, err = h.Tenders.Submit(ctx, h.Officer, draft.ID)
			if x.field == "" {
				if err != nil {
					t.Errorf("%s: %v", x.name, err)
				}
				continue
			}
			f, ok := errors.AsType[*fault.Fault](err)
			if !ok {
				t.Errorf("%s: got %v", x.name, err)
				continue
			}
			found := false
			for _, c := range f.Fields {
				found = found || c.Name == x.field && strings.Contains(c.Message, x.says)
			}
			if !found {
				t.Errorf("%s: no %s “%s” in %+v", x.name, x.field, x.says, f.Fields)
			}
			again, err := h.Tenders.Get(ctx, h.Officer, draft.ID)
			if err != nil || again.State != tender.Draft {
				t.Errorf("%s: now %s, %v", x.name, again.State, err)
			}
			for k, v := range x.change {
				if again.Form.Get(k) != v {
					t.Errorf("%s: typed %q into %s, kept %q", x.name, v, k, again.Form.Get(k))
				}
			}
		}
	})
}

func TestAYearWithoutATableIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := tendertest.New(t, d)
		h.Clock.Set(time.Date(2026, 12, 28, 1, 0, 0, 0, time.UTC))
		x := h.Draft(t, map[string]string{"documents_until": "2027-01-08", "deadline": "2027-01-20"})
		_, err := h.Tenders.Submit(t.Context(), h.Officer, x.ID)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "2027 年工作日表") {
			t.Errorf("got %v", err)
		}
	})
}

func TestADraftIsPatchedNotReplaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := tendertest.New(t, d), t.Context()
		x, err := h.Tenders.Create(ctx, h.Officer, tender.Patch{})
		if err != nil {
			t.Fatal(err)
		}
		missing, err := h.Tenders.Missing(t.Context(), x)
		if err != nil || len(missing) < 10 {
			t.Errorf("an empty draft lacks only %+v %v", missing, err)
		}
		x, err = h.Tenders.SaveDraft(ctx, h.Officer, x.ID, x.Version, tender.Patch{Values: map[string]string{"title": "养老服务", "budget": "七十万"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = h.Tenders.SaveDraft(ctx, h.Officer, x.ID, 1, tender.Patch{Values: map[string]string{"title": "旧"}}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version was saved: %v", err)
		}
		x, err = h.Tenders.SaveDraft(ctx, h.Officer, x.ID, 0, tender.Patch{Criteria: scoring("price 10")})
		if err != nil || x.Form.Get("budget") != "七十万" || x.Title != "养老服务" || x.Budget != nil || len(x.Criteria) != 1 {
			t.Errorf("after patches: %+v, %v", x, err)
		}
		for _, bad := range []map[string]string{{"state": "open"}, {"title": "a\x00b"}, {"what": strings.Repeat("长", 20_001)}} {
			if _, err := h.Tenders.SaveDraft(ctx, h.Officer, x.ID, 0, tender.Patch{Values: bad}); !fault.Is(err, fault.Invalid) {
				t.Errorf("saved %.20v: %v", bad, err)
			}
		}
		stranger := h.Supplier(t, "晨光社会工作服务中心")
		if _, err := h.Tenders.SaveDraft(ctx, stranger, x.ID, 0, tender.Patch{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger saved: %v", err)
		}
		if _, err := h.Tenders.Create(ctx, stranger, tender.Patch{}); fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a supplier drafted: %v", err)
		}
	})
}
