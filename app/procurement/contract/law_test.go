package contract_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/document"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
	"gongji/storage/db/dbtest"
)

// awarded is a purchase whose result is published, at 600,000 元.
func awarded(t *testing.T, h *bidtest.House) tender.Tender {
	t.Helper()
	x, _ := h.Opened(t, 3, map[string]string{"contract_terms": "按季度考核后支付，每季度末十日内付清"})
	h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
	_, r, err := h.Evaluations.Result(t.Context(), h.Officer, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Propose(t.Context(), h.Officer, x.ID, award.Proposal{Bid: r.Lines[0].Bid}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Awards.Approve(t.Context(), h.Approver, x.ID); err != nil {
		t.Fatal(err)
	}
	return h.Again(t, x.ID)
}

func yuan(n int64) *money.Fen {
	v := money.Fen(n) * money.Yuan
	return &v
}

func signing(h *bidtest.House) contract.Input {
	on := h.Clock.Now()
	end := on.AddDate(0, 6, 0)
	return contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}
}

func refused(t *testing.T, what string, err error, field, article string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok || f.Kind != fault.Invalid || len(f.Fields) == 0 || f.Fields[0].Name != field || !strings.Contains(f.Article, article) {
		t.Errorf("%s: %v", what, err)
	}
}

func signed(t *testing.T, h *bidtest.House, x tender.Tender) contract.Contract {
	t.Helper()
	c, err := h.Contracts.Record(t.Context(), h.Officer, x.ID, signing(h))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheLawOfContracts(t *testing.T) {
	t.Run("实施条例第48条 履约保证金不超过合同金额的10%", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			x, in := awarded(t, h), signing(h)
			more := *yuan(60_000) + 1
			in.Bond = &more
			_, err := h.Contracts.Record(ctx, h.Officer, x.ID, in)
			refused(t, "a fen more", err, "bond", "实施条例第48条")
			in.Bond = yuan(60_000)
			if c, err := h.Contracts.Record(ctx, h.Officer, x.ID, in); err != nil || *c.Bond != *yuan(60_000) {
				t.Error(c, err)
			}
		})
	})
	t.Run("政府采购法第46条 合同文本取自采购文件和投标，供双方签订", func(t *testing.T) { dbtest.Each(t, text) })
	t.Run("政府采购法第47条 合同7个工作日内备案", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *bun.DB) {
			h, ctx := bidtest.New(t, d), t.Context()
			c := signed(t, h, awarded(t, h))
			if _, err := h.Contracts.File(ctx, h.Approver, c.ID, "青财备1号"); err == nil {
				t.Error("the approver filed it")
			}
			_, err := h.Contracts.File(ctx, h.Officer, c.ID, " ")
			refused(t, "without a number", err, "filed_no", "")
			if c, err = h.Contracts.File(ctx, h.Officer, c.ID, "青财备1号"); err != nil || c.FiledNo != "青财备1号" || c.FiledAt == nil {
				t.Error(c, err)
			}
			if _, err := h.Contracts.File(ctx, h.Officer, c.ID, "青财备2号"); err == nil {
				t.Error("filed twice")
			}
			if got := released(t, h, c.Tender); !strings.HasSuffix(got, " contract contractUpdate") {
				t.Errorf("releases:%s", got)
			}
		})
	})
	t.Run("102号令23 合同书面订立并公告", func(t *testing.T) { dbtest.Each(t, inWriting) })
	t.Run("政府采购法第49条 追加合计不超过原合同金额的10%", func(t *testing.T) { dbtest.Each(t, additions) })
}

func text(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x := awarded(t, h)
	in := signing(h)
	in.SignedOn, in.Bond = nil, yuan(30_000)
	draft, err := h.Contracts.Prepare(ctx, h.Officer, x.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	a, err := award.ApprovedOf(ctx, d, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	winner := party.Actor{Account: "w", Org: a.Supplier, OrgKind: party.Social, Role: party.Lead}
	if list, err := h.Contracts.Drafts(ctx, winner, x.ID); err != nil || len(list) != 1 {
		t.Errorf("the winner's drafts: %+v, %v", list, err)
	}
	if _, err := h.Archive.Get(ctx, party.Actor{}, draft.ID); err == nil {
		t.Error("the public has an unsigned contract")
	}
	c := signed(t, h, x)
	if _, err := h.Archive.Get(ctx, party.Actor{}, *c.Text); err != nil {
		t.Errorf("the public lacks the signed one: %v", err)
	}
	for _, doc := range []string{string(draft.ID), string(*c.Text)} {
		var kind, content string
		if err := d.NewSelect().Table("document").Column("kind", "content").Where("id = ?", doc).Scan(ctx, &kind, &content); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{x.What, "按季度考核后支付", "合同签订后 10 日内进场", "政府采购法第49条"} {
			if !strings.Contains(content, want) {
				t.Errorf("the contract lacks %q: %s", want, content)
			}
		}
		pdf, err := document.Render(kind, []byte(content))
		if err != nil || len(pdf) < 1000 {
			t.Errorf("%d bytes, %v", len(pdf), err)
		}
	}
}

func additions(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	x := awarded(t, h)
	c := signed(t, h, x)
	in := contract.AmendInput{Change: "增加 20 名服务对象", Reason: "辖区新增高龄老人", Added: *yuan(60_000) + 1}
	_, err := h.Contracts.Amend(ctx, h.Officer, c.ID, in)
	refused(t, "a fen more than 10%", err, "added", "政府采购法第49条")
	in.Added = *yuan(40_000)
	if _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, in); err != nil {
		t.Fatal(err)
	}
	if list, err := h.Contracts.Amendments(ctx, party.Actor{}, c.ID); err != nil || len(list) != 0 {
		t.Errorf("public before it is approved: %+v, %v", list, err)
	}
	proposer := h.Officer
	proposer.Role = party.Approver
	if _, err := h.Contracts.DecideAmendment(ctx, proposer, c.ID, true, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("approved by its proposer: %v", err)
	}
	if c, err = h.Contracts.DecideAmendment(ctx, h.Approver, c.ID, true, ""); err != nil || c.Amount != *yuan(640_000) {
		t.Fatal(c.Amount, err)
	}
	in.Added = *yuan(20_000) + 1
	_, err = h.Contracts.Amend(ctx, h.Officer, c.ID, in)
	refused(t, "together a fen more than 10%", err, "added", "政府采购法第49条")
	late := c.StartsOn.Add(8*time.Hour).AddDate(1, 0, 1)
	_, err = h.Contracts.Amend(ctx, h.Officer, c.ID, contract.AmendInput{Change: "延期", Reason: "延期", EndsOn: &late})
	refused(t, "longer than a year", err, "ends_on", "102号")
	var e engagement.Engagement
	if err := d.NewSelect().Model(&e).Where("ref = ?", c.ID).Scan(ctx); err != nil || e.Amount != *yuan(640_000) {
		t.Errorf("delivery goes on with %s, %v", e.Amount, err)
	}
	if got := released(t, h, x.ID); !strings.HasSuffix(got, " contract contractAmendment") {
		t.Errorf("releases:%s", got)
	}
	t.Run("a contract that ends before its term says so", func(t *testing.T) {
		h.Clock.Advance(time.Hour)
		err := db.Tx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
			_, err := h.Engagements.Close(ctx, tx, h.Officer, engagement.Contract, c.ID, "承接方停止服务")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := released(t, h, x.ID); !strings.HasSuffix(got, " contractAmendment contractTermination") {
			t.Errorf("releases:%s", got)
		}
	})
}

// released are the tags of a purchase's releases, each held to the schema.
func released(t *testing.T, h *bidtest.House, x id.ID) string {
	t.Helper()
	return ocdstest.Tags(ocdstest.All(t, ocds.New(h.DB, h.Clock, ocds.Settings{Site: "https://gongji.example"})), string(x))
}

// Everybody reads who signed what for how much: the row, the summary and the
// whole text, on the day it is recorded.
func inWriting(t *testing.T, d *bun.DB) {
	h, ctx := bidtest.New(t, d), t.Context()
	c := signed(t, h, awarded(t, h))
	got, err := h.Contracts.Of(ctx, c.Tender)
	if err != nil || got.Text == nil || got.Amount != *yuan(600_000) || !got.RecordedAt.Equal(h.Clock.Now()) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, doc := range []id.ID{got.Summary, *got.Text} {
		if _, err := h.Archive.Get(ctx, party.Actor{}, doc); err != nil {
			t.Errorf("a visitor does not get %s: %v", doc, err)
		}
	}
	if err := h.Contracts.May(ctx, party.Actor{}, c.ID, "view"); err != nil {
		t.Errorf("a visitor may not see it: %v", err)
	}
}
