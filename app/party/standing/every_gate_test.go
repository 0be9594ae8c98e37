package standing_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call/calltest"
	"gongji/app/foundation/donation"
	"gongji/app/foundation/donation/donationtest"
	"gongji/app/foundation/fund/fundtest"
	"gongji/app/foundation/grant"
	"gongji/app/foundation/handout"
	"gongji/app/foundation/payment"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/standing"
	"gongji/app/party/standing/standingtest"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/storage/db/dbtest"
)

// gates are the functions that ask whether a listing bars, each with the test
// below that tries it: TestEveryGateOf…. The guard fails where one is missing.
var gates = map[string]string{
	"app/procurement/tender.refuseListed": "APurchase",
	"app/procurement/tender.admitted":     "AFramework",
	"app/procurement/bid.Begin":           "APurchase",
	"app/procurement/bid.take":            "APurchase",
	"app/procurement/evaluation.check":    "APurchase",
	"app/procurement/offer.Submit":        "AConsultation",
	"app/procurement/award.Propose":       "APurchase",
	"app/procurement/award.approve":       "APurchase",
	"app/procurement/award.firstMay":      "ASilentBuyer",
	// What a listing begun after the result leads to: award.TestAResultThatIsGivenUp.
	"app/procurement/award.Unsigned":      "award",
	"app/procurement/award.checkForfeit":  "award",
	"app/procurement/award.candidate":     "award",
	"app/procurement/contract.ready":      "APurchase",
	"app/procurement/contract.mayAdd":     "APurchase",
	"app/procurement/framework.barred":    "AFramework",
	"app/procurement/framework.Approve":   "AFramework",
	"app/foundation/application.complete": "Funding",
	"app/foundation/grant.support":        "Funding",
	"app/foundation/grant.Accept":         "Funding",
	"app/foundation/grant.instalment":     "Funding",
	"app/foundation/grant.Settle":         "ATreasury",
	"app/foundation/payment.complete":     "Funding",
	"app/foundation/handout.fill":         "Goods",
	"app/foundation/handout.Approve":      "Goods",
	"app/foundation/handout.Ship":         "Goods",
	"app/party/standing.Funded":           "Funding",
	"app/party/standing.Clear":            "APurchase",
}

func TestEveryGateIsTried(t *testing.T) {
	asks := map[string]bool{}
	root := filepath.Join("..", "..", "..")
	err := fs.WalkDir(os.DirFS(root), "app", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, p), nil, 0)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				name := ""
				switch x := c.Fun.(type) {
				case *ast.SelectorExpr:
					name = x.Sel.Name
					if pkg, ok := x.X.(*ast.Ident); !ok && name != "Listed" || ok && pkg.Name != "standing" && name != "Listed" {
						name = ""
					}
				case *ast.Ident:
					if strings.HasPrefix(p, "app/party/standing/") {
						name = x.Name
					}
				}
				if name == "Clear" || name == "Against" || name == "Listed" && strings.HasPrefix(p, "app/foundation/") {
					asks[filepath.ToSlash(filepath.Dir(p))+"."+fn.Name.Name] = true
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for g := range asks {
		if gates[g] == "" {
			t.Errorf("%s asks for listings, and no walk of this file tries it", g)
		}
	}
	for g := range gates {
		if !asks[g] {
			t.Errorf("%s is said to be a gate and asks nothing", g)
		}
	}
}

// siege lists an organisation in every way there is before a gate and tries it
// each time; the last try goes through.
type siege struct {
	t                             *testing.T
	db                            bun.IDB
	clock                         *clock.Manual
	standing                      *standing.Service
	supervisor, approver, another party.Actor
	who                           party.Actor // the lead of whom it is about
	by                            string      // region of who buys or gives
	kind                          string      // a listing that bars everywhere
	instant                       bool        // the gate does not wait until tomorrow
}

func (s siege) plead(l standing.Listing, kind standing.PleaKind) standing.Plea {
	s.t.Helper()
	p, err := s.standing.Plead(s.t.Context(), s.who, l.ID, kind, "认定的事实有误，附有证据。")
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s siege) end(l standing.Listing, p standing.Plea) {
	s.t.Helper()
	if _, err := s.standing.Answer(s.t.Context(), s.another, l.ID, p.ID, true, "理由成立。"); err != nil {
		s.t.Fatal(err)
	}
}

func (s siege) listed(kind string) standing.Listing {
	s.t.Helper()
	return standingtest.Listed(s.t, s.standing, s.supervisor, s.approver, s.who, kind)
}

// scope makes a local text of a region bar, whatever the data say today.
func (s siege) scope(l standing.Listing, region string) {
	s.t.Helper()
	_, err := s.db.NewUpdate().Model(&l).Set("scope = ?, blocks_purchase = ?, blocks_funding = ?", region, true, true).WherePK().Exec(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
}

// hold tries the gate: barred by a listing made before, while its objection
// waits, by one that begins between two steps, by a local one where it binds;
// then, with a revoked, a removed and a foreign one on record, it goes through.
func (s siege) hold(gate string, try func() error) {
	s.t.Helper()
	refused := func(when string, l standing.Listing) {
		s.t.Helper()
		err := try()
		if err == nil {
			s.t.Fatalf("%s, %s: a listed organisation is let through", gate, when)
		}
		if !strings.Contains(err.Error(), l.KindName()) && !strings.Contains(err.Error(), "信用名单") {
			s.t.Errorf("%s, %s: %v does not name the list", gate, when, err)
		}
	}
	first := s.listed(s.kind)
	refused("listed before", first)
	p := s.plead(first, standing.Objection)
	refused("objection pending", first)
	s.end(first, p)

	if !s.instant {
		in := standing.Intent{Kind: "ban", Months: "12", Organisation: string(s.who.Org), Reason: "提供虚假材料谋取成交，经查证属实。"}
		if s.kind != "ban" {
			in.Kind, in.Months = s.kind, ""
		}
		ctx := s.t.Context()
		later, err := s.standing.Notify(ctx, s.supervisor, in)
		if err == nil {
			_, err = s.standing.State(ctx, s.who, later.ID, "材料由他人代办，请从轻处理。")
		}
		if err == nil {
			begins := s.clock.Now().In(clock.Beijing).AddDate(0, 0, 1).Format(time.DateOnly)
			later, err = s.standing.Decide(ctx, s.approver, later.ID, standing.Ruling{List: true, Answer: "事实清楚，予以列入。", Begins: begins})
		}
		if err != nil {
			s.t.Fatal(err)
		}
		if later.Runs(s.clock.Now()) {
			s.t.Errorf("%s: a listing runs before its day", gate)
		}
		s.clock.Set(later.BeginsAt.Add(9 * time.Hour))
		refused("listing begun between two steps", later)
		s.end(later, s.plead(later, standing.Objection))
	}

	local := s.listed("abnormal")
	s.scope(local, s.by)
	refused("local listing of the same region", local)
	s.scope(local, "西藏自治区")
	if err := try(); err != nil {
		f, _ := fault.Complaints(err)
		s.t.Fatalf("%s: refused with nothing in force here: %v %v", gate, err, f)
	}
}

func (h *court) siege(who party.Actor) siege {
	h.t.Helper()
	return siege{t: h.t, db: h.DB, clock: h.Clock, standing: h.standing, supervisor: h.Supervisor, approver: h.Approver,
		another: h.Actor(h.t, h.Bureau, "青山区民政局", party.Bureau, party.Approver), who: who, by: "湖北省", kind: "ban"}
}

// TestEveryGateOfAPurchase: invitation, bid, eligibility, award, contract, additional purchase.
func TestEveryGateOfAPurchase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		winner := h.Supplier(t, "第一社会工作服务中心")
		s := h.siege(winner)
		if _, err := d.ExecContext(ctx, "UPDATE organisation SET uscc = ? WHERE id = ?", "91654026MA78WT2Q66", winner.Org); err != nil {
			t.Fatal(err)
		}
		one := h.Draft(t, map[string]string{"method": rules.MethodSingle, "ground": "only", "ground_reason": "唯一具备资质", "invited": "91654026MA78WT2Q66 第一",
			"documents_until": "", "scoring": ""})
		h.Keyed(t, one)
		s.hold("naming a supplier", func() error { _, err := h.Tenders.Submit(ctx, h.Officer, one.ID); return err })
		s.hold("publishing with a named supplier", func() error { _, err := h.Tenders.Publish(ctx, h.Approver, one.ID); return err })

		h.Clock.Set(tendertest.Start)
		x := h.Published(t, nil)
		for i := range 3 {
			h.Submitted(t, h.Supplier(t, "其他社会工作服务中心"+string(rune('A'+i))), x, money.Fen(700_000+i*10_000)*money.Yuan)
			h.Clock.Advance(time.Millisecond)
		}
		s.hold("beginning a bid", func() error { _, err := h.Bids.Begin(ctx, winner, x.ID); return err })
		b := h.Drafted(t, winner, x)
		sealed := h.Sealed(t, winner, x, 600_000*money.Yuan)
		s.hold("submitting a bid", func() error {
			_, err := h.Bids.Submit(ctx, winner, b.ID, bytes.NewReader(sealed), int64(len(sealed)))
			return err
		})
		h.Clock.Set(*x.Deadline)
		h.Open(t, x)
		x = h.Again(t, x.ID)
		s.hold("eligibility", func() error {
			return h.Evaluations.Check(ctx, h.Officer, x.ID, []evaluation.Checking{{Bid: b.ID, Passed: true}})
		})
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		first := winners(t, h, x)[0]
		if first.Bid != b.ID {
			t.Fatal("another is first")
		}
		s.hold("proposing an award", func() error {
			_, err := h.Awards.Propose(ctx, h.Officer, x.ID, award.Proposal{Bid: first.Bid})
			return err
		})
		s.hold("approving an award", func() error { _, err := h.Awards.Approve(ctx, h.Approver, x.ID); return err })
		in := func() contract.Input {
			on := h.Clock.Now()
			end := on.AddDate(0, 6, 0)
			return contract.Input{SignedOn: &on, StartsOn: &on, EndsOn: &end}
		}
		s.hold("the contract's text", func() error { _, err := h.Contracts.Prepare(ctx, h.Officer, x.ID, in()); return err })
		var c contract.Contract
		s.hold("signing the contract", func() (err error) { c, err = h.Contracts.Record(ctx, h.Officer, x.ID, in()); return err })
		more := contract.AmendInput{Change: "增加 20 名服务对象", Reason: "辖区新增高龄老人", Added: 40_000 * money.Yuan}
		s.hold("政府采购法49 追加采购", func() error { _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, more); return err })
		s.hold("approving an additional purchase", func() error {
			_, err := h.Contracts.DecideAmendment(ctx, h.Approver, c.ID, true, "")
			return err
		})
		s.listed("ban")
		if _, err := h.Contracts.Amend(ctx, h.Officer, c.ID, contract.AmendInput{Change: "变更服务地点", Reason: "原场地维修"}); err != nil {
			t.Errorf("a change without money is no purchase: %v", err)
		}
	})
}

// TestEveryGateOfAConsultation: the last offer.
func TestEveryGateOfAConsultation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, _ := h.Opened(t, 4, map[string]string{"method": rules.MethodConsultation})
		h.HandedIn(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
		r, left := h.Asked(t, x)
		lead := h.Lead(t, left[0])
		s := h.siege(lead)
		s.instant = true // an offer is due within the hour
		s.hold("a last offer", func() error {
			_, err := h.Offers.Submit(ctx, lead, x.ID, h.LastOffer(t, x, r, lead.Org, 500_000*money.Yuan))
			return err
		})
	})
}

// TestEveryGateOfASilentBuyer: rank one, whom the law chose.
func TestEveryGateOfASilentBuyer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, bidders := h.Opened(t, 4, map[string]string{"method": rules.MethodConsultation})
		h.Scored(t, h.Panel(t, x, 3), x, func(string) int64 { return 80 })
		h.Clock.Advance(8 * 24 * time.Hour)
		_, result, err := h.Evaluations.Result(ctx, h.Officer, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, first := result.Of(result.Lines[0].Bid)
		i := slices.IndexFunc(bidders, func(b party.Actor) bool { return b.Org == first.Supplier })
		h.siege(bidders[i]).hold("what the law chose", func() error { _, err := h.Awards.Lapse(ctx, h.Approver, x.ID); return err })
	})
}

// TestEveryGateOfAFramework: admission, and each way to a call-off.
func TestEveryGateOfAFramework(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := hold(t, d), t.Context()
		x, in := h.Opened(t, 5, map[string]string{"method": rules.MethodFramework, "term_months": "24"})
		h.Scored(t, h.Panel(t, x, 5), x, func(string) int64 { return 80 })
		if _, err := h.Frameworks.Propose(ctx, h.Officer, x.ID, 2); err != nil {
			t.Fatal(err)
		}
		s := h.siege(in[0])
		s.hold("admission", func() error { return h.Frameworks.Approve(ctx, h.Approver, x.ID) })
		x = h.Again(t, x.ID)
		if _, err := d.ExecContext(ctx, "UPDATE organisation SET uscc = ? WHERE id = ?", "91654026MA78WT2Q66", in[0].Org); err != nil {
			t.Fatal(err)
		}
		call := func(way string) tender.Tender {
			p := map[string]string{"method": rules.MethodCallOff, "framework": x.No(), "documents_until": "", "way": way,
				"deadline": h.Clock.Now().Add(20 * 24 * time.Hour).Format(time.RFC3339)}
			if way == "direct" {
				p["invited"] = "91654026MA78WT2Q66"
			}
			y := h.Draft(t, p)
			h.Keyed(t, y)
			return y
		}
		direct := call("direct")
		s.hold("a direct call-off", func() error { _, err := h.Tenders.Submit(ctx, h.Officer, direct.ID); return err })
		s.hold("publishing a direct call-off", func() error { _, err := h.Tenders.Publish(ctx, h.Approver, direct.ID); return err })

		named := func(way string) []tender.Supplier {
			t.Helper()
			y := call(way)
			if _, err := h.Tenders.Submit(ctx, h.Officer, y.ID); err != nil {
				t.Fatal(err)
			}
			y, err := h.Tenders.Publish(ctx, h.Approver, y.ID)
			if err != nil {
				t.Fatal(err)
			}
			return y.Invited
		}
		l := s.listed("ban")
		for _, way := range []string{"compete", "rotation"} {
			if got := named(way); len(got) != 1 || got[0].ID != in[1].Org {
				t.Errorf("%s with one listed: %v", way, got)
			}
		}
		both := h.siege(in[1]).listed("ban")
		y := call("compete")
		if _, err := h.Tenders.Submit(ctx, h.Officer, y.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "都被列入信用名单") {
			t.Errorf("everybody is listed: %v", err)
		}
		s.end(l, s.plead(l, standing.Objection))
		other := h.siege(in[1])
		other.end(both, other.plead(both, standing.Objection))
		if got := named("compete"); len(got) != 2 {
			t.Errorf("both are free again: %v", got)
		}
		if got := named("rotation"); len(got) != 1 || got[0].ID != in[1].Org { // the second by turn
			t.Errorf("by turn: %v", got)
		}
	})
}

// seats gives the offices a siege needs to a foundation's house.
func seats(t *testing.T, h *fundtest.House, s *standing.Service, who party.Actor) siege {
	t.Helper()
	bureau := h.Org(t, party.Bureau, "东莞市民政局")
	seat := func(r party.Role) party.Actor { return h.Actor(t, bureau, "东莞市民政局", party.Bureau, r) }
	return siege{t: t, db: h.DB, clock: h.Clock, standing: s, supervisor: seat(party.Supervisor), approver: seat(party.Approver),
		another: seat(party.Approver), who: who, by: "广东省", kind: "serious"}
}

// TestEveryGateOfFunding: application, decision, agreement, payment.
func TestEveryGateOfFunding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		svc := standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
		h.Applications.Listed = svc.Funded
		c := h.Open()
		who := h.Applicant("晨光社会工作服务中心")
		s := seats(t, h.House, svc, who)
		a := h.Filled(who, c, "暖邻行动")
		s.hold("applying", func() error { _, err := h.Applications.Submit(ctx, who, a.ID); return err })
		a, _, err := h.Applications.Get(ctx, who, a.ID)
		h.Must(err)
		h.Reviewed(c, a)
		s.hold("deciding", func() error { _, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling()); return err })
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		s.hold("the agreement", func() error { _, err := h.Grants.Accept(ctx, who, g.ID); return err })
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约并提交实施计划")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		p, err := h.Grants.Draw(ctx, h.Officer, g.ID, 1)
		h.Must(err)
		pay := func(name string, p payment.Payment) {
			s.hold("submitting "+name, func() error { _, err := h.Payments.Submit(ctx, h.Officer, p.ID); return err })
			s.hold("approving "+name, func() error { _, err := h.Payments.Approve(ctx, h.Approver, p.ID); return err })
			s.hold("paying "+name, func() error { _, err := h.Payments.Pay(ctx, h.Finance, p.ID, payment.Paying{}); return err })
		}
		pay("an instalment", p)
		plain, err := h.Payments.Create(ctx, h.Officer, h.Fund.ID, payment.Form{Payee: who.OrgName, Purpose: "不经征集的资助", Amount: "100"})
		h.Must(err)
		_, err = h.Attachments.Add(ctx, h.Officer, payment.Kind, plain.ID, "proof", "依据.pdf", bytes.NewReader(fundtest.Agreement))
		h.Must(err)
		pay("a payment without a call", plain)
		if mine, _, err := h.Applications.Get(ctx, who, a.ID); err != nil || mine.State != application.Granted {
			t.Errorf("what was granted stays granted: %+v, %v", mine.State, err)
		}
	})
}

// TestEveryGateOfATreasury: what a bureau pays out of its own budget.
func TestEveryGateOfATreasury(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := calltest.New(t, d), t.Context()
		svc := standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
		h.Applications.Listed = svc.Funded
		office := h.Org(t, party.Bureau, "横沥镇民政办")
		of := func(r party.Role) party.Actor { return h.Actor(t, office, "横沥镇民政办", party.Bureau, r) }
		h.Officer, h.Approver = of(party.Officer), of(party.Approver)
		f := calltest.Form("", h.Clock.Now().Add(240*time.Hour))
		f.Source = "2026年市级福彩公益金"
		c := h.Published(f)
		who := h.Applicant("晨光社会工作服务中心")
		a := h.Sent(who, c, "暖邻行动")
		h.Reviewed(c, a)
		_, err := h.Grants.Decide(ctx, h.Approver, a.ID, calltest.Ruling())
		h.Must(err)
		g, err := h.Grants.OfApplication(ctx, who, a.ID)
		h.Must(err)
		_, err = h.Grants.Accept(ctx, who, g.ID)
		h.Must(err)
		_, err = h.Grants.Report(ctx, who, g.ID, 1, "已签约")
		h.Must(err)
		_, err = h.Grants.Confirm(ctx, h.Officer, g.ID, 1, true, "")
		h.Must(err)
		finance := of(party.Finance)
		seats(t, h.House, svc, who).hold("a treasury's payment", func() error {
			paid := grant.Settlement{On: h.Clock.Now().Format(time.DateOnly), Voucher: "国付〔2026〕0312号"}
			_, err := h.Grants.Settle(ctx, finance, g.ID, 1, paid)
			return err
		})
	})
}

// TestEveryGateOfGoods: what leaves a stock.
func TestEveryGateOfGoods(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := donationtest.New(t, d), t.Context()
		svc := standing.New(d, h.Clock, h.Policy, h.Orgs, calendar.Default())
		out := handout.New(d, h.Clock, h.Policy, h.Goods, h.Funds)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		unit := "只"
		given, err := h.Donations.Pledge(ctx, h.Donor, h.Things(donation.Thing{Name: "口罩", Unit: &unit, Quantity: 100}))
		must(err)
		_, err = h.Donations.Confirm(ctx, h.Finance, given.ID, donation.Arrival{On: h.Clock.Now(), Goods: []donation.Arrived{{Line: 1, Quantity: 100}}})
		must(err)
		stock, err := h.Goods.OfFund(ctx, h.Fund.ID)
		must(err)
		who := h.Actor(t, h.Org(t, party.Social, "晨光社会工作服务中心"), "晨光社会工作服务中心", party.Social, party.Lead)
		s := seats(t, h.House, svc, who)
		var x handout.Handout
		s.hold("drafting a hand-out", func() (err error) {
			x, err = out.Create(ctx, h.Officer, handout.Form{Fund: h.Fund.ID, Recipient: who.OrgName, Purpose: "发给值守人员使用", Lines: []handout.Want{{Item: stock[0].ID, Quantity: 10}}})
			return err
		})
		s.hold("approving a hand-out", func() error { _, err := out.Approve(ctx, h.Approver, x.ID); return err })
		s.hold("goods leaving", func() error { _, err := out.Ship(ctx, h.Storekeeper, x.ID); return err })
	})
}
