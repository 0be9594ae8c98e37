// Package methods_test walks a purchase by every method of procurement through
// the services, from the draft to the award.
package methods_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/objection"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

// The codes suppliers are registered under in these tests; all are valid.
var uscc = []string{"91654026MA78WT2Q66", "9112010423901886X5", "91110000600037341L", "91440300708461136T"}

type m = map[string]string

// suppliers are n organisations with codes.
func suppliers(t *testing.T, h *bidtest.House, n int) (out []party.Actor, codes string) {
	t.Helper()
	for i := range n {
		who := h.Supplier(t, fmt.Sprintf("受邀%d社会服务中心", i+1))
		if _, err := h.DB.ExecContext(t.Context(), "UPDATE organisation SET uscc = ? WHERE id = ?", uscc[i], who.Org); err != nil {
			t.Fatal(err)
		}
		out, codes = append(out, who), codes+uscc[i]+" "+who.OrgName+"\n"
	}
	return out, codes
}

func refused(t *testing.T, err error, kind fault.Kind, says string) {
	t.Helper()
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Errorf("%v; want “%s”", err, says)
	}
}

// ranked opens a tender at its deadline and has a panel of n rank it.
func ranked(t *testing.T, h *bidtest.House, x tender.Tender, n int) tender.Tender {
	t.Helper()
	h.Clock.Set(*x.Deadline)
	h.Open(t, x)
	h.Scored(t, h.Panel(t, x, n), x, func(string) int64 { return 80 })
	if x = h.Again(t, x.ID); x.State != tender.Evaluated {
		t.Fatalf("%s: %s", x.State, x.Reason)
	}
	return x
}

// awarded gives the tender to rank one.
func awarded(t *testing.T, h *bidtest.House, x tender.Tender) award.Award {
	t.Helper()
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
		t.Fatal(err)
	}
	a, err := h.Awards.Approve(t.Context(), h.Approver, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestInvitedTender(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		in, codes := suppliers(t, h, 3)
		x := h.Published(t, m{"method": rules.MethodInvited, "ground": "special", "ground_reason": "只有少数机构有资质", "way": "library",
			"way_reason": "从供应商库八家中随机抽取三家，监督人员在场", "invited": codes})
		stranger := h.Supplier(t, "未受邀服务中心")
		t.Run("法34 只有受邀的供应商看文件和投标", func(t *testing.T) {
			_, err := h.Bids.Begin(ctx, stranger, x.ID)
			refused(t, err, fault.Forbidden, "只有受邀请的供应商")
			for _, who := range []party.Actor{{}, stranger} {
				got, err := h.Tenders.Get(ctx, who, x.ID)
				if err != nil || len(got.Criteria) != 0 || got.What == "" {
					t.Errorf("the notice shows %d criteria, %v", len(got.Criteria), err)
				}
				if _, err := h.Files.For(ctx, who, "tender", x.ID); !fault.Is(err, fault.Forbidden) {
					t.Errorf("documents: %v", err)
				}
			}
			for _, who := range []party.Actor{in[0], h.Officer} {
				got, err := h.Tenders.Get(ctx, who, x.ID)
				if _, ferr := h.Files.For(ctx, who, "tender", x.ID); err != nil || ferr != nil || len(got.Criteria) != 3 {
					t.Error(got.Criteria, err, ferr)
				}
			}
			if list, err := h.Tenders.Invitations(ctx, in[1], tender.Filter{}); err != nil || list.Total != 1 {
				t.Error(list, err)
			}
			if list, err := h.Tenders.Invitations(ctx, stranger, tender.Filter{}); err != nil || list.Total != 0 {
				t.Error(list, err)
			}
			if names := x.Named(); len(names) != 0 {
				t.Errorf("the notice names %v", names)
			}
		})
		for i, who := range in {
			h.Submitted(t, who, x, money.Fen(700_000-10_000*i)*money.Yuan)
		}
		x = ranked(t, h, x, 5)
		if a := awarded(t, h, x); a.Supplier != in[2].Org {
			t.Errorf("awarded to %s", a.SupplierName)
		}
	})
}

func TestInvitedTenderWithTwoBidsIsNotOpened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		in, codes := suppliers(t, h, 3)
		x := h.Published(t, m{"method": rules.MethodInvited, "ground": "costly", "ground_reason": "费用占比过大", "way": "prequalified", "way_reason": "随机", "invited": codes})
		for _, who := range in[:2] {
			h.Submitted(t, who, x, 600_000*money.Yuan)
		}
		h.Clock.Set(*x.Deadline)
		o, err := h.Openings.Start(t.Context(), h.Officer, x.ID)
		if err != nil || o.Bidders != 2 || h.Again(t, x.ID).State != tender.Failed {
			t.Error(o, err)
		}
	})
}

func TestNegotiation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		x := h.Published(t, m{"method": rules.MethodNegotiation, "scoring": "comprehensive", "ground": "price", "ground_reason": "数量不能事先确定", "documents_until": ""})
		bidders := h.Bidders(t, x, 3)
		x = ranked(t, h, x, 3)
		t.Run("法38 符合要求的最低报价成交", func(t *testing.T) {
			if x.Scoring != tender.LowestPrice || len(x.Criteria) != 0 {
				t.Error(x.Scoring, x.Criteria)
			}
			if a := awarded(t, h, x); a.Supplier != bidders[0].Org || a.Amount != 600_000*money.Yuan {
				t.Error(a.SupplierName, a.Amount)
			}
		})
	})
}

func TestNegotiationOfTwoIsNotOpened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		x := h.Published(t, m{"method": rules.MethodNegotiation, "ground": "price", "ground_reason": "数量不能事先确定", "documents_until": ""})
		h.Bidders(t, x, 2)
		h.Clock.Set(*x.Deadline)
		t.Run("法38 谈判不少于三家", func(t *testing.T) {
			o, err := h.Openings.Start(t.Context(), h.Officer, x.ID)
			if err != nil || o.Least != 3 || !strings.Contains(o.Article, "第38条") || h.Again(t, x.ID).State != tender.Failed {
				t.Error(o, err)
			}
		})
	})
}

func TestConsultationOfTwoAndOfOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h := bidtest.New(t, d)
		change := m{"method": rules.MethodConsultation}
		t.Run("124号 政府购买服务二家可以继续磋商", func(t *testing.T) {
			x := h.Published(t, change)
			h.Bidders(t, x, 2)
			awarded(t, h, ranked(t, h, x, 3))
		})
		t.Run("124号 只有一家的应当终止", func(t *testing.T) {
			h := bidtest.New(t, h.DB)
			x := h.Published(t, change)
			h.Submitted(t, h.Supplier(t, "独家服务中心"), x, 600_000*money.Yuan)
			h.Clock.Set(*x.Deadline)
			if o, err := h.Openings.Start(t.Context(), h.Officer, x.ID); err != nil || o.Least != 2 || h.Again(t, x.ID).State != tender.Failed {
				t.Error(o, err)
			}
		})
	})
}

func TestSingleSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		in, codes := suppliers(t, h, 1)
		x := h.Published(t, m{"method": rules.MethodSingle, "ground": "only", "ground_reason": "唯一具备资质", "invited": codes, "documents_until": "", "scoring": ""})
		other := h.Supplier(t, "也想参加服务中心")
		end, has, err := objection.Period(x, calendar.Default())
		if err != nil || !has || calendar.Until(*end.At) != "2026年6月8日 24:00" {
			t.Fatal(end, has, err)
		}
		var o objection.Objection
		t.Run("条例38 先公示不少于5个工作日并听取异议", func(t *testing.T) {
			if names := x.Named(); len(names) != 1 || names[0].ID != in[0].Org {
				t.Errorf("the notice names %v", names)
			}
			_, err := h.Bids.Begin(ctx, in[0], x.ID)
			refused(t, err, fault.Conflict, "公示期")
			if o, err = h.Objections.Raise(ctx, other, x.ID, "我单位也具备该资质"); err != nil {
				t.Fatal(err)
			}
			_, err = h.Objections.Raise(ctx, h.Officer, x.ID, "自己异议")
			refused(t, err, fault.Forbidden, "采购人以外")
			_, err = h.Objections.Raise(ctx, party.Actor{}, x.ID, "无名")
			if err == nil {
				t.Error("a visitor objected")
			}
			h.Clock.Set(end.At.Add(-time.Microsecond))
			_, err = h.Bids.Begin(ctx, in[0], x.ID)
			refused(t, err, fault.Conflict, "公示期")
			h.Clock.Set(*end.At)
			_, err = h.Objections.Raise(ctx, other, x.ID, "迟了")
			refused(t, err, fault.TooLate, "届满")
			_, err = h.Bids.Begin(ctx, in[0], x.ID)
			refused(t, err, fault.Conflict, "异议")
			if err := h.Objections.Answer(ctx, other, x.ID, o.ID, "代答", false); err == nil {
				t.Error("a stranger answered")
			}
			if err := h.Objections.Answer(ctx, h.Officer, x.ID, o.ID, "经专家论证，资质范围不同", false); err != nil {
				t.Fatal(err)
			}
			refused(t, h.Objections.Answer(ctx, h.Officer, x.ID, o.ID, "再答", true), fault.Conflict, "已经答复")
		})
		t.Run("法39 只与唯一的供应商协商", func(t *testing.T) {
			_, err := h.Bids.Begin(ctx, other, x.ID)
			refused(t, err, fault.Forbidden, "只有受邀请的供应商")
			h.Submitted(t, in[0], x, 600_000*money.Yuan)
			if a := awarded(t, h, ranked(t, h, x, 1)); a.Supplier != in[0].Org {
				t.Error(a.SupplierName)
			}
		})
	})
}

func TestAnObjectionThatStandsStopsASingleSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		in, codes := suppliers(t, h, 1)
		x := h.Published(t, m{"method": rules.MethodSingle, "ground": "only", "ground_reason": "唯一", "invited": codes, "documents_until": ""})
		o, err := h.Objections.Raise(ctx, h.Supplier(t, "也能做服务中心"), x.ID, "我单位也能做")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Objections.Answer(ctx, h.Officer, x.ID, o.ID, "属实", true); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(10 * 24 * time.Hour)
		_, err = h.Bids.Begin(ctx, in[0], x.ID)
		refused(t, err, fault.Conflict, "成立")
		if _, err := h.Tenders.Cancel(ctx, h.Approver, x.ID, "异议成立，改用公开招标"); err != nil {
			t.Error(err)
		}
	})
}

func TestEmergency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		h.Clock.Set(time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC))
		when := m{"method": rules.MethodEmergency, "ground": "emergency", "ground_reason": "洪水后的安置点服务", "documents_until": "", "deadline": "2026-11-02T18:00", "scoring": "lowest"}
		with := func(more m) m {
			out := m{}
			for _, x := range []m{when, more} {
				for k, v := range x {
					out[k] = v
				}
			}
			return out
		}
		noTable := func(p map[string]string) tender.Tender { // the lowest price has no scoring table
			t.Helper()
			full := tendertest.Complete()
			for k, v := range p {
				full.Values[k] = v
			}
			full.Criteria = []tender.CriterionForm{}
			x, err := h.Tenders.Create(ctx, h.Officer, full)
			if err != nil {
				t.Fatal(err)
			}
			h.Keyed(t, x)
			if _, err := h.Tenders.Submit(ctx, h.Officer, x.ID); err != nil {
				t.Fatal(err)
			}
			if x, err = h.Tenders.Publish(ctx, h.Approver, x.ID); err != nil {
				t.Fatal(err)
			}
			return x
		}
		t.Run("12号 竞争采购一家也可以进行", func(t *testing.T) {
			x := noTable(with(m{"way": "competitive"}))
			h.Submitted(t, h.Supplier(t, "应急服务中心"), x, 600_000*money.Yuan)
			awarded(t, h, ranked(t, h, x, 3))
			t.Run("12号 紧急采购追加合计不超过原合同金额的30%", func(t *testing.T) {
				on := h.Clock.Now()
				end := on.AddDate(0, 1, 0)
				c, err := h.Contracts.Record(ctx, h.Officer, x.ID, contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end})
				if err != nil {
					t.Fatal(err)
				}
				in := contract.AmendInput{Change: "增加安置点", Reason: "转移群众增加", Added: 180_000*money.Yuan + 1}
				_, err = h.Contracts.Amend(ctx, h.Officer, c.ID, in)
				refused(t, err, fault.Invalid, "财库〔2026〕12号")
				in.Added = 180_000 * money.Yuan
				if _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, in); err != nil {
					t.Errorf("30%% exactly: %v", err)
				}
			})
		})
		t.Run("12号 特别紧急的说明理由后直接采购", func(t *testing.T) {
			h.Clock.Set(time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC))
			in, codes := suppliers(t, h, 2)
			x := h.Draft(t, with(m{"way": "direct", "invited": codes}))
			_, err := h.Tenders.Submit(ctx, h.Officer, x.ID)
			refused(t, err, fault.Invalid, "选定")
			x = noTable(with(m{"way": "direct", "invited": codes, "way_reason": "安置点今夜就要启用"}))
			h.Submitted(t, in[0], x, 600_000*money.Yuan)
			h.Submitted(t, in[1], x, 500_000*money.Yuan)
			if a := awarded(t, h, ranked(t, h, x, 3)); a.Supplier != in[1].Org {
				t.Error(a.SupplierName)
			}
		})
	})
}

func TestFramework(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		x := h.Published(t, m{"method": rules.MethodFramework, "term_months": "24"})
		in, _ := suppliers(t, h, 4)
		for i, who := range in {
			h.Submitted(t, who, x, money.Fen(600_000+10_000*i)*money.Yuan)
		}
		x = ranked(t, h, x, 5)
		t.Run("110号令 淘汰不少于20%且至少一家", func(t *testing.T) {
			_, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{})
			refused(t, err, fault.Conflict, "入围")
			_, err = h.Frameworks.Propose(ctx, h.Officer, x.ID, 4)
			refused(t, err, fault.Invalid, "最多入围 3 家")
			if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 3); err != nil {
				t.Fatal(err)
			}
			if err := h.Frameworks.Return(ctx, h.Approver, x.ID, "少选一家"); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 2); err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.Frameworks.Of(ctx, party.Actor{}, x); !fault.Is(err, fault.NotFound) {
				t.Errorf("a proposal is public: %v", err)
			}
			if err := h.Frameworks.Approve(ctx, h.Officer, x.ID); err == nil {
				t.Error("the officer approved")
			}
			if err := h.Frameworks.Approve(ctx, h.Approver, x.ID); err != nil {
				t.Fatal(err)
			}
			for _, who := range in { // admitted or not
				box, err := inbox.New(d, h.Clock).List(ctx, who, inbox.Filter{Limit: 20})
				if err != nil || !slices.ContainsFunc(box.Items, func(l inbox.Message) bool { return strings.HasPrefix(l.Title, "入围结果已公布") }) {
					t.Errorf("%s is not told: %+v %v", who.OrgName, box.Items, err)
				}
			}
			f, members, err := h.Frameworks.Of(ctx, party.Actor{}, h.Again(t, x.ID))
			if err != nil || f.Eliminated != 2 || len(members) != 2 || members[0].Supplier != in[0].Org {
				t.Fatal(f, members, err)
			}
		})
		call := func(change m) (tender.Tender, error) {
			start := h.Clock.Now().Add(72 * time.Hour).Format(time.RFC3339)
			p := m{"method": rules.MethodCallOff, "framework": x.No(), "deadline": start, "documents_until": ""}
			for k, v := range change {
				p[k] = v
			}
			y := h.Draft(t, p)
			h.Keyed(t, y)
			if _, err := h.Tenders.Submit(ctx, h.Officer, y.ID); err != nil {
				return y, err
			}
			return h.Tenders.Publish(ctx, h.Approver, y.ID)
		}
		t.Run("110号令 第二阶段只向入围供应商授予合同", func(t *testing.T) {
			_, err := call(m{"way": "direct", "invited": uscc[3]})
			refused(t, err, fault.Invalid, "没有入围")
			_, err = call(m{"way": "direct", "framework": "GJ采〔2026〕9999号", "invited": uscc[0]})
			refused(t, err, fault.Invalid, "框架协议")
			y, err := call(m{"way": "compete"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Bids.Begin(ctx, in[3], y.ID); !fault.Is(err, fault.Forbidden) {
				t.Errorf("one who was eliminated bids: %v", err)
			}
			h.Submitted(t, in[0], y, 300_000*money.Yuan)
			h.Submitted(t, in[1], y, 290_000*money.Yuan)
			if a := awarded(t, h, ranked(t, h, y, 1)); a.Supplier != in[1].Org {
				t.Error(a.SupplierName)
			}
			for i := range 3 { // by turn: first, second, first again
				y, err := call(m{"way": "rotation"})
				if err != nil || len(y.Invited) != 1 || y.Invited[0].ID != in[i%2].Org {
					t.Errorf("turn %d: %v %v", i, y.Invited, err)
				}
			}
			if list, err := h.Frameworks.CallOffs(ctx, x.ID); err != nil || len(list) != 4 {
				t.Error(len(list), err)
			}
			p := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
			all := ocdstest.All(t, p)
			if got := ocdstest.Tags(all, string(x.ID)) + "," + ocdstest.Tags(all, string(y.ID)); got != " tender tenderUpdate award, tender tenderUpdate award" {
				t.Errorf("releases:%s", got)
			}
			if rec, err := p.Record(ctx, p.OCID(y.ID)); err != nil || !strings.Contains(string(rec.Records[0].Compiled), `"identifier":"`+p.OCID(x.ID)+`","relationship":["framework"]`) {
				t.Errorf("a call-off does not name its framework: %v", err)
			}
		})
		t.Run("110号令 框架协议期满不再授予合同", func(t *testing.T) {
			h.Clock.Advance(2 * 366 * 24 * time.Hour)
			_, err := call(m{"way": "rotation"})
			refused(t, err, fault.Invalid, "期限已满")
		})
	})
}

func TestMostAdmitted(t *testing.T) {
	set := rules.At(tendertest.Start)
	for n, want := range map[int]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 9: 7, 10: 8, 11: 8} {
		if got := framework.MostAdmitted(set, n); got != want {
			t.Errorf("of %d: %d; want %d", n, got, want)
		}
	}
}
