package interest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/party/organisation"
	"gongji/app/procurement/bidtest"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/interest"
	"gongji/app/procurement/tender"
	"gongji/storage/db/dbtest"
)

// town is an opened tender whose bidders' records and whose experts' can be
// written.
type town struct {
	*bidtest.House
	t         *testing.T
	x         tender.Tender
	bidders   []party.Actor
	registrar party.Actor
}

func lay(t *testing.T, d *bun.DB) *town {
	t.Helper()
	w := &town{House: bidtest.New(t, d), t: t}
	w.x, w.bidders = w.Opened(t, 3, nil)
	w.registrar = w.Actor(t, w.Bureau, "青山区民政局", party.Bureau, party.Registrar)
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) ago(years, days int) *time.Time {
	at := w.Clock.Now().AddDate(-years, 0, -days)
	return &at
}

// post enters somebody in the record of the n-th bidder, as it does itself.
func (w *town) post(n int, in organisation.TieInput) {
	w.t.Helper()
	w.must(w.Orgs.AddTie(w.t.Context(), w.bidders[n], w.bidders[n].Org, in))
}

// expert is somebody of the register by their real name.
func (w *town) expert(name, employer, tail string) party.Actor {
	w.t.Helper()
	who := w.Expert(w.t, "")
	_, err := w.DB.ExecContext(w.t.Context(), "UPDATE account SET name = ? WHERE id = ?", name, who.Account)
	w.must(err)
	w.must(w.Orgs.Enlist(w.t.Context(), w.registrar, w.Login(who.Account), account.Expertise{Employer: employer, Specialties: "养老服务", IDTail: tail}))
	return who
}

// named says why the buyer may not put an expert on the panel; "" when it may.
func (w *town) named(who party.Actor) string {
	w.t.Helper()
	_, err := w.Evaluations.Name(w.t.Context(), w.Officer, w.x.ID, evaluation.Naming{Login: w.Login(who.Account), Seat: evaluation.ExpertSeat, Reason: "主管预算单位同意"})
	if err != nil && !fault.Is(err, fault.Invalid) {
		w.t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// 条例第9条: three years back, by employment, post and control, from whichever
// side is on record.
func TestTiesOfAPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		w := lay(t, d)
		person := func(name string, post organisation.Post, tail string, until *time.Time) organisation.TieInput {
			return organisation.TieInput{Kind: "person", Name: name, Post: post, IDTail: tail, Until: until}
		}
		w.post(0, person("理事甲", organisation.DirectorPost, "1111", nil))
		w.post(0, person("前监事乙", organisation.SupervisorPost, "2222", w.ago(2, 364)))
		w.post(0, person("早年负责人丙", organisation.HeadPost, "3333", w.ago(3, 1)))
		w.post(1, organisation.TieInput{Kind: "control", Name: "江城(控股)有限公司", How: "控股"})
		w.post(1, organisation.TieInput{Kind: "control", Name: "昔日举办单位", How: "举办", Until: w.ago(3, 1)})
		worked := func(who party.Actor, until *time.Time) party.Actor {
			w.must(w.Orgs.AddEmployment(t.Context(), w.registrar, who.Account, organisation.Worked{Employer: "第3社会工作服务中心", Until: until}))
			return who
		}
		for _, c := range []struct {
			name string
			who  party.Actor
			says string // "" where there is no tie
		}{
			{"条例9 现任理事", w.expert("理事甲", "武汉某大学", "1111"), "担任理事"},
			{"条例9 同名而证件后四位不同，不是同一人", w.expert("理事甲", "武汉某大学", "9999"), ""},
			{"条例9 同名而后四位未登记，按有关系处理并说明怎样更正", w.expert("理事 甲", "武汉某大学", ""), "补录双方证件后四位"},
			{"条例9 三年内任监事", w.expert("前监事乙", "武汉某大学", "2222"), "三年内曾担任监事"},
			{"条例9 三年前任负责人", w.expert("早年负责人丙", "武汉某大学", "3333"), ""},
			{"条例9 工作单位控股投标人", w.expert("专家丁", "江城（控股）有限公司", "4444"), "控制关系（控股）"},
			{"条例9 控制关系终止已满三年", w.expert("专家戊", "昔日举办单位", "5555"), ""},
			{"条例9 现工作单位是投标人", w.expert("专家己", "第3社会工作服务中心", "6666"), "工作单位"},
			{"条例9 三年内的工作单位是投标人", worked(w.expert("专家庚", "武汉某大学", "7777"), w.ago(1, 0)), "三年内的工作单位"},
			{"条例9 离开投标人已满三年", worked(w.expert("专家辛", "武汉某大学", "8888"), w.ago(3, 1)), ""},
			{"条例9 工作单位是采购人", w.expert("专家壬", "青山区民政局", "0000"), "采购人“青山区民政局”"},
		} {
			got := w.named(c.who)
			if (got == "") != (c.says == "") || !strings.Contains(strings.ReplaceAll(got, "3年", "三年"), c.says) {
				t.Errorf("%s: %q, want %q", c.name, got, c.says)
			}
			if got != "" && !strings.Contains(got, "条例第9条") {
				t.Errorf("%s is refused without its article: %s", c.name, got)
			}
		}
	})
}

// A tie found after somebody sat down keeps every bid shut to them, with its
// files, and their sheets out; whoever declares it is replaced.
func TestATieFoundLaterShutsEveryBid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		w := lay(t, d)
		ctx := t.Context()
		panel := w.Panel(t, w.x, 5)
		_, lines, err := w.Openings.Of(ctx, w.x.ID)
		w.must(err)
		_, c, err := w.Bids.Content(ctx, panel[0], lines[0].Bid, 0)
		w.must(err)
		if len(c.Files) == 0 {
			t.Fatal("the bids have no files")
		}
		w.HandedIn(t, panel[1:], w.x, func(string) int64 { return 60 })
		w.must(w.Evaluations.Save(ctx, panel[0], w.x.ID, w.Marks(t, panel[0], w.x, func(string) int64 { return 100 })))
		w.must(w.Orgs.AddEmployment(ctx, w.registrar, panel[0].Account, organisation.Worked{Employer: "第1社会工作服务中心", Until: w.ago(1, 0)}))
		refused := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "条例第9条") || !strings.Contains(err.Error(), "声明回避") {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, l := range lines { // also those of bidders they have no tie to
			_, _, err := w.Bids.Content(ctx, panel[0], l.Bid, 0)
			refused("条例9 "+l.SupplierName, err)
		}
		_, _, err = w.Bids.OpenFile(ctx, panel[0], lines[0].Bid, 0, c.Files[0].ID)
		refused("条例9 附件", err)
		_, _, err = w.Files.Open(ctx, panel[0], c.Files[0].ID)
		refused("条例9 附件按其编号", err)
		if _, _, err := w.Files.Open(ctx, panel[1], c.Files[0].ID); err != nil {
			t.Errorf("another member does not open the file: %v", err)
		}
		if err := w.Evaluations.HandIn(ctx, panel[0], w.x.ID); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "条例第9条") {
			t.Errorf("条例9 有关系的成员提交了评分: %v", err)
		}
		if _, err := w.Evaluations.Enter(ctx, panel[0], w.x.ID, evaluation.Declaration{Clear: true}); !fault.Is(err, fault.Conflict) {
			t.Errorf("declared twice: %v", err)
		}
		if _, err := w.Evaluations.Enter(ctx, panel[0], w.x.ID, evaluation.Declaration{Tie: "去年曾在第1中心任职"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Evaluations.Desk(ctx, panel[0], w.x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("whoever stood aside has a desk: %v", err)
		}
		if _, err := w.Evaluations.Settle(ctx, panel[1], w.x.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("four settled for five: %v", err)
		}
		next := w.Expert(t, "武汉某大学")
		_, err = w.Evaluations.Name(ctx, w.Officer, w.x.ID, evaluation.Naming{Login: w.Login(next.Account), Seat: evaluation.ExpertSeat, Reason: "成员回避，依法补充"})
		w.must(err)
		_, err = w.Evaluations.Enter(ctx, next, w.x.ID, evaluation.Declaration{Clear: true})
		w.must(err)
		w.HandedIn(t, []party.Actor{next}, w.x, func(string) int64 { return 60 })
		_, err = w.Evaluations.Settle(ctx, panel[1], w.x.ID)
		w.must(err)
		_, r, err := w.Evaluations.Result(ctx, w.Officer, w.x.ID)
		w.must(err)
		for _, b := range r.Bids {
			for k, scores := range b.Scores {
				if len(scores) != 5 {
					t.Errorf("%s has %d scores of %s", b.ID, len(scores), k)
				}
			}
		}
	})
}

// The buyer's own people with a tie to a bidder read no bid either, and do not
// check who is eligible.
func TestTheBuyersPeopleStandAside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		w := lay(t, d)
		w.post(1, organisation.TieInput{Kind: "person", Name: "测试人员", Post: organisation.DirectorPost}) // what fixtures call everybody
		err := w.Evaluations.Check(t.Context(), w.Officer, w.x.ID, nil)
		if err == nil || !strings.Contains(err.Error(), "条例第9条") {
			t.Errorf("条例9 有关系的经办人审查资格: %v", err)
		}
		_, lines, err := w.Openings.Of(t.Context(), w.x.ID)
		w.must(err)
		if _, _, err := w.Bids.Content(t.Context(), w.Officer, lines[0].Bid, 0); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "由其他人员办理") {
			t.Errorf("条例9 有关系的经办人查看投标: %v", err)
		}
	})
}

// 条例第18条: the same person in charge, or direct control, between two bidders
// of one contract: neither is passed.
func TestBidderPairs(t *testing.T) {
	head := func(tail string, until *time.Time) organisation.TieInput {
		return organisation.TieInput{Kind: "person", Name: "负责人某", Post: organisation.HeadPost, IDTail: tail, Until: until}
	}
	ended := func(w *town) *time.Time { return w.ago(0, 1) }
	cases := []struct {
		name string
		lay  func(w *town)
		says string
	}{
		{"条例18 单位负责人为同一人", func(w *town) { w.post(0, head("1234", nil)); w.post(1, head("1234", nil)) }, "单位负责人为同一人“负责人某”"},
		{"条例18 负责人同名，后四位没有登记齐", func(w *town) { w.post(0, head("1234", nil)); w.post(1, head("", nil)) }, "请核实是否同一人"},
		{"条例18 负责人同名而不是同一人", func(w *town) {
			for i := range 2 { // also where the profile names the same head without a document
				_, err := w.DB.ExecContext(w.t.Context(), "UPDATE organisation SET legal_person = '负责人某' WHERE id = ?", w.bidders[i].Org)
				w.must(err)
				w.post(i, head(fmt.Sprintf("123%d", i), nil))
			}
		}, ""},
		{"条例18 原负责人已经卸任", func(w *town) { w.post(0, head("1234", ended(w))); w.post(1, head("1234", nil)) }, ""},
		{"条例18 理事相同不在此列", func(w *town) {
			for i := range 2 {
				w.post(i, organisation.TieInput{Kind: "person", Name: "理事某", Post: organisation.DirectorPost, IDTail: "1234"})
			}
		}, ""},
		{"条例18 直接管理关系", func(w *town) {
			w.post(1, organisation.TieInput{Kind: "control", Name: "第1社会工作服务中心", How: "管理"})
		}, "“第1社会工作服务中心”管理“第2社会工作服务中心”"},
		{"条例18 控制关系已经终止", func(w *town) {
			w.post(1, organisation.TieInput{Kind: "control", Name: "第1社会工作服务中心", How: "控股", Until: ended(w)})
		}, ""},
		{"条例18 同一单位举办的两家不是直接控制", func(w *town) {
			for i := range 2 {
				w.post(i, organisation.TieInput{Kind: "control", Name: "同一街道办事处", How: "举办"})
			}
		}, ""},
	}
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				w := lay(t, d)
				c.lay(w)
				e, err := w.Evaluations.Eligibility(t.Context(), w.Officer, w.x.ID)
				w.must(err)
				var in []evaluation.Checking
				for _, l := range e.Bids {
					in = append(in, evaluation.Checking{Bid: l.Bid, Passed: true})
				}
				err = w.Evaluations.Check(t.Context(), w.Officer, w.x.ID, in)
				if c.says == "" {
					if err != nil || len(e.Pairs) != 0 {
						t.Fatalf("%+v, %v", e.Pairs, err)
					}
					return
				}
				if len(e.Pairs) != 1 || e.Pairs[0].A == e.Pairs[0].B || !strings.Contains(e.Pairs[0].Why, c.says) || !strings.Contains(e.Pairs[0].Rule.Source(), "条例第18条") {
					t.Fatalf("%+v", e.Pairs)
				}
				fields, _ := fault.Complaints(err)
				if len(fields) != 2 || !fault.Is(err, fault.Invalid) {
					t.Errorf("passed all the same: %v", err)
				}
				failed := []string{e.Items[0].Key}
				for i := range in {
					if e.Pairs[0].A == e.Bids[i].Supplier || e.Pairs[0].B == e.Bids[i].Supplier {
						in[i].Passed, in[i].Failed, in[i].Reason = false, failed, e.Pairs[0].Why
					}
				}
				w.must(w.Evaluations.Check(t.Context(), w.Officer, w.x.ID, in))
			})
		}
	})
}

// An actor's name is compared as people write it.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"江城(控股)公司", "江城（控股）公司", true}, {" 甲 单位", "甲单位", true}, {"abc", "ABC", true}, {"", "", false}, {"甲", "乙", false}} {
		if interest.Same(c.a, c.b) != c.same {
			t.Errorf("%q and %q", c.a, c.b)
		}
	}
}
