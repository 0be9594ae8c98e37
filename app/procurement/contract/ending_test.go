package contract_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/claim"
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/revision"
	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/contract"
	"gongji/storage/db/dbtest"
)

// A contract that is changed and then ended early says both in the open data:
// an amendment each, and the contract is terminated, for good.
func TestAContractThatEndsEarlyIsTerminatedInOpenData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := bidtest.New(t, d), t.Context()
		c := signed(t, h, awarded(t, h))
		h.Engagements.From(engagement.Contract, claim.Books)
		if _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, contract.AmendInput{Change: "增加 20 名服务对象", Reason: "辖区新增高龄老人", Added: *yuan(40_000)}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Contracts.DecideAmendment(ctx, h.Approver, c.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		e, err := engagement.ByRef(ctx, d, engagement.Contract, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := revision.New(d, h.Clock, h.Engagements)
		x, err := r.Propose(ctx, h.Officer, e.ID, revision.Input{Kind: revision.Terminate, Reason: "承接方停止服务", Clause: "合同第十二条", Delivered: "上门 310 人次",
			Settled: "120000", StatementBy: h.Clock.Now().AddDate(0, 0, 4).Format(time.DateOnly)})
		if err != nil {
			t.Fatal(err)
		}
		if got := released(t, h, c.Tender); strings.Contains(got, "contractTermination") {
			t.Errorf("published while it was only proposed:%s", got)
		}
		h.Clock.Advance(6 * 24 * time.Hour)
		if _, err := r.Approve(ctx, h.Approver, x.ID); err != nil {
			t.Fatal(err)
		}
		pub := ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"})
		all := ocdstest.All(t, pub)
		last := all[len(all)-1]
		if !slices.Contains(last.Tag, "contractTermination") || !strings.Contains(last.Raw, "承接方停止服务") || strings.Contains(last.Raw, "周正") {
			t.Errorf("the last release: %s", last.Raw)
		}
		pkg, err := pub.Records(ctx, "", ocds.Most)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(pkg)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Records []struct {
				Compiled struct {
					Contracts []struct {
						ID         string
						Status     string
						Amendments []struct{ ID, Rationale, Description string }
						Value      struct{ Amount float64 }
					}
				} `json:"compiledRelease"`
			}
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, rec := range got.Records {
			for _, k := range rec.Compiled.Contracts {
				if k.ID != string(c.ID) {
					continue
				}
				seen = true
				if k.Status != "terminated" || len(k.Amendments) != 2 || k.Amendments[0].Rationale != "辖区新增高龄老人" || !strings.Contains(k.Amendments[1].Rationale, "结算总额 120,000.00 元") || k.Value.Amount != 640_000 {
					t.Errorf("compiled: %+v", k)
				}
			}
		}
		if !seen {
			t.Errorf("no record has the contract: %.500s", raw)
		}
	})
}
