package amendment_test

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/disclosure/ocds"
	"gongji/app/disclosure/ocds/ocdstest"
	"gongji/app/document"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/procurement/amendment"
	"gongji/app/procurement/documents"
	"gongji/app/procurement/question"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tender/tendertest"
	"gongji/app/trust/access"
	"gongji/app/trust/signature"
	"gongji/storage/db/dbtest"
	"gongji/storage/object"
	"gongji/storage/queue"
)

// house is a bureau with everything between a notice and its deadline.
type house struct {
	*tendertest.House
	queue      *queue.Queue
	archive    *archive.Service
	documents  *documents.Service
	questions  *question.Service
	amendments *amendment.Service
	inbox      *inbox.Service
}

func lay(t *testing.T, d *bun.DB) *house {
	t.Helper()
	h := &house{House: tendertest.New(t, d), inbox: nil}
	st, err := object.OpenDir(filepath.Join(t.TempDir(), "objects"))
	if err != nil {
		t.Fatal(err)
	}
	h.queue = queue.New(d, queue.Options{Poll: 10 * time.Millisecond})
	sign, err := signature.Load("", "", "test")
	if err != nil {
		t.Fatal(err)
	}
	if h.archive, err = archive.New(d, h.Clock, st, h.queue, access.Registry{}, document.Render, sign, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := h.queue.Open(); err != nil {
		t.Fatal(err)
	}
	h.inbox = inbox.New(d, h.Clock)
	h.documents = documents.New(d, h.Clock, h.Tenders, h.archive, "https://gongji.example.cn")
	h.questions = question.New(d, h.Clock, calendar.Default(), h.Tenders, h.documents)
	h.amendments = amendment.New(d, h.Clock, calendar.Default(), h.Tenders, h.documents)
	return h
}

// settle renders what was issued.
func (h *house) settle(t *testing.T) {
	t.Helper()
	if err := h.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.queue.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (h *house) take(t *testing.T, who party.Actor, x tender.Tender, version int) {
	t.Helper()
	doc, body, err := h.documents.Take(t.Context(), who, x.ID, version)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	b, err := io.ReadAll(body)
	if err != nil || int64(len(b)) != doc.Size || !strings.HasPrefix(string(b), "%PDF") {
		t.Errorf("%d bytes of %d: %v", len(b), doc.Size, err)
	}
}

func (h *house) again(t *testing.T, x tender.Tender) tender.Tender {
	t.Helper()
	y, err := tender.Read(t.Context(), h.DB, x.ID)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

func (h *house) letters(t *testing.T, who party.Actor) []inbox.Message {
	t.Helper()
	p, err := h.inbox.List(t.Context(), who, inbox.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Items
}

var terms = amendment.Input{Values: map[string]string{"contract_terms": "按月考核后支付；不得转包。"}, Reason: "根据提问，改为按月考核", Affects: true}

func TestAnAmendmentMovesTheDeadlineAndTellsWhoTookTheDocuments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil) // 2026-06-01 09:00, until 2026-06-22 09:00
		h.settle(t)
		taker, other := h.Supplier(t, "晨光社会工作服务中心"), h.Supplier(t, "暖邻为老服务中心")
		h.take(t, taker, x, 0)
		t.Run("条例31 距截止不少于15日的修改不顺延", func(t *testing.T) {
			h.Clock.Set(time.Date(2026, 6, 7, 15, 59, 59, 0, time.UTC)) // still the 7th in Beijing
			a, err := h.amendments.Plan(ctx, h.Officer, x.ID, terms)
			if err != nil || a.Moved() {
				t.Errorf("moved to %v: %v", a.NewDeadline, err)
			}
		})
		t.Run("条例31 不足15日的顺延", func(t *testing.T) {
			h.Clock.Set(time.Date(2026, 6, 7, 16, 0, 0, 0, time.UTC)) // 8th, fourteen days before
			a, err := h.amendments.Plan(ctx, h.Officer, x.ID, terms)
			if err != nil || !a.Moved() || !a.NewDeadline.Equal(time.Date(2026, 6, 23, 1, 0, 0, 0, time.UTC)) || !strings.Contains(a.Article, "第31条") {
				t.Errorf("moved to %v under %s: %v", a.NewDeadline, a.Article, err)
			}
			small := terms
			small.Affects = false
			if a, err := h.amendments.Plan(ctx, h.Officer, x.ID, small); err != nil || a.Moved() {
				t.Errorf("what affects nobody moves the deadline: %v", err)
			}
		})
		if _, err := h.amendments.Propose(ctx, h.Approver, x.ID, terms); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approver proposes: %v", err)
		}
		if _, err := h.amendments.Propose(ctx, h.Officer, x.ID, terms); err != nil {
			t.Fatal(err)
		}
		if _, err := h.amendments.Propose(ctx, h.Officer, x.ID, terms); !fault.Is(err, fault.Conflict) {
			t.Errorf("two at once: %v", err)
		}
		if list, err := h.amendments.Of(ctx, taker, x.ID, amendment.Filter{}); err != nil || list.Total != 0 {
			t.Errorf("the public sees a proposal: %+v %v", list, err)
		}
		if _, err := h.amendments.Waiting(ctx, taker, x.ID); err == nil {
			t.Error("a supplier sees a proposal")
		}
		// Approved two days later: the deadline is computed for that moment.
		h.Clock.Set(time.Date(2026, 6, 10, 2, 0, 0, 0, time.UTC))
		if _, err := h.amendments.Approve(ctx, h.Officer, x.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the drafter approves: %v", err)
		}
		a, err := h.amendments.Approve(ctx, h.Approver, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		y := h.again(t, x)
		if y.ContractTerms != terms.Values["contract_terms"] || y.Documents != 2 || a.Version != 2 || !y.Deadline.Equal(time.Date(2026, 6, 25, 1, 0, 0, 0, time.UTC)) {
			t.Errorf("after: %q version %d until %v", y.ContractTerms, y.Documents, y.Deadline)
		}
		if got := pieces(a.Changes); !strings.Contains(got, "[-季度-][+月+]") {
			t.Errorf("the difference: %s", got)
		}
		h.settleAgain(t)
		h.take(t, other, y, 2)
		h.take(t, other, y, 1)
		if l := h.letters(t, taker); len(l) != 1 || !strings.Contains(l[0].Text, "顺延") {
			t.Errorf("who took the documents hears %+v", l)
		}
		if l := h.letters(t, other); len(l) != 0 {
			t.Errorf("who took none hears %+v", l)
		}
		events, err := h.Tenders.Timeline(ctx, party.Actor{}, x.ID)
		if err != nil || !strings.Contains(fmt.Sprint(events[len(events)-1]), "发布第 1 次更正") {
			t.Errorf("the public timeline: %+v %v", events, err)
		}
		all := ocdstest.All(t, ocds.New(d, h.Clock, ocds.Settings{Site: "https://gongji.example"}))
		if got := ocdstest.Tags(all, string(x.ID)); got != " tender tenderAmendment" {
			t.Fatalf("releases:%s", got)
		}
		for _, want := range []string{`"rationale":"根据提问，改为按月考核"`, `"endDate":"2026-06-25T09:00:00+08:00"`, `"date":"2026-06-10T10:00:00+08:00"`} {
			if !strings.Contains(all[1].Raw, want) {
				t.Errorf("the release lacks %s: %s", want, all[1].Raw)
			}
		}
	})
}

// settleAgain waits for what was issued after the workers began.
func (h *house) settleAgain(t *testing.T) {
	t.Helper()
	if err := h.queue.Drained(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func pieces(list []amendment.Change) string {
	var b strings.Builder
	for _, c := range list {
		for _, p := range c.Pieces() {
			switch p.Kind {
			case "old":
				b.WriteString("[-" + p.Text + "-]")
			case "new":
				b.WriteString("[+" + p.Text + "+]")
			default:
				b.WriteString(p.Text)
			}
		}
	}
	return b.String()
}

func TestWhatAnAmendmentMayNotChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil)
		for _, c := range []struct{ name, field, value, want string }{
			{"87号令27 采购标的", "title", "另一个项目", "第27条"}, {"87号令27 资格条件", "from_whom", "注册资本一千万元以上", "第27条"},
			{"87号令27 预算", "budget", "1", "第27条"}, {"earlier deadline", "deadline", "2026-06-21T09:00", "不能提前"},
			{"shorter offer", "documents_until", "2026-06-07", "不能缩短"}, {"no terms", "contract_terms", "", "不能为空"},
			{"a mobile phone", "contact", "13800138000", "手机号"}, {"nothing at all", "opening_place", "本平台线上开标", "没有任何改变"},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := h.amendments.Plan(ctx, h.Officer, x.ID, amendment.Input{Values: map[string]string{c.field: c.value}, Reason: "应当更正", Affects: true})
				if !fault.Is(err, fault.Invalid) || !strings.Contains(fmt.Sprint(err, complaints(err)), c.want) {
					t.Errorf("%v %s", err, complaints(err))
				}
			})
		}
		if _, err := h.amendments.Plan(ctx, h.Officer, x.ID, amendment.Input{Values: terms.Values, Reason: " "}); !fault.Is(err, fault.Invalid) {
			t.Errorf("no reason: %v", err)
		}
		h.Clock.Set(*x.Deadline)
		if _, err := h.amendments.Propose(ctx, h.Officer, x.ID, terms); !fault.Is(err, fault.TooLate) {
			t.Errorf("after the deadline: %v", err)
		}
	})
}

func complaints(err error) string {
	list, _ := fault.Complaints(err)
	var out []string
	for _, f := range list {
		out = append(out, f.Message)
	}
	return strings.Join(out, "；")
}

func TestPackagesAreAmendedTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		p := tendertest.Complete()
		p.Values["package_limits"] = "不限制"
		p.Packages = []tender.PackageForm{{Name: "助餐", What: "送餐", Budget: "400000", Ceiling: "390000"}, {Name: "助洁", What: "助洁", Budget: "370000", Ceiling: "360000"}}
		x, err := h.Tenders.Create(ctx, h.Officer, p)
		if err == nil {
			h.Keyed(t, x)
			x, err = h.Tenders.Submit(ctx, h.Officer, x.ID)
		}
		if err == nil {
			x, err = h.Tenders.Publish(ctx, h.Approver, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		all, err := h.Tenders.Siblings(ctx, x)
		if err != nil || len(all) != 2 || all[0].Documents != 1 || all[1].Documents != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		h.Clock.Advance(10 * 24 * time.Hour)
		in := amendment.Input{Values: map[string]string{"what": "为高龄老人提供每月三次上门服务"}, Reason: "增加服务次数", Affects: true}
		if _, err := h.amendments.Propose(ctx, h.Officer, all[1].ID, in); err != nil {
			t.Fatal(err)
		}
		if _, err := h.amendments.Approve(ctx, h.Approver, all[1].ID); err != nil {
			t.Fatal(err)
		}
		if all, err = h.Tenders.Siblings(ctx, x); err != nil {
			t.Fatal(err)
		}
		for i, y := range all {
			if y.Documents != 2 || !y.Deadline.Equal(*all[0].Deadline) || !y.Deadline.After(*x.Deadline) || !strings.Contains(y.What, "每月三次") || !strings.Contains(y.What, p.Packages[i].Name) {
				t.Errorf("package %d: version %d until %v: %s", i+1, y.Documents, y.Deadline, y.What)
			}
		}
	})
}

func TestTheLogOfTakersIsTheBuyersOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil)
		who := h.Supplier(t, "晨光社会工作服务中心")
		if _, _, err := h.documents.Take(ctx, who, x.ID, 0); !fault.Is(err, fault.Unavailable) {
			t.Errorf("before it is rendered: %v", err)
		}
		h.settle(t)
		h.take(t, who, x, 0)
		h.take(t, who, x, 1)
		h.take(t, party.Actor{}, x, 0)
		h.take(t, h.Officer, x, 0)
		if _, _, err := h.documents.Take(ctx, who, x.ID, 2); !fault.Is(err, fault.NotFound) {
			t.Errorf("a version that is not: %v", err)
		}
		log, err := h.documents.Takes(ctx, h.Officer, x.ID, documents.TakeFilter{})
		if err != nil || log.Total != 3 || log.Suppliers != 1 || len(log.Items) != 3 {
			t.Errorf("the log: %+v %v", log, err)
		}
		for name, reader := range map[string]party.Actor{"a supplier": who, "the public": {}, "another bureau": h.Actor(t, h.Org(t, party.Bureau, "别的民政局"), "别的民政局", party.Bureau, party.Officer)} {
			if _, err := h.documents.Takes(ctx, reader, x.ID, documents.TakeFilter{}); err == nil {
				t.Errorf("%s reads the log", name)
			}
		}
		if take, err := h.documents.Taken(ctx, who, x); err != nil || take == nil || take.Version != 1 {
			t.Errorf("its own: %+v %v", take, err)
		}
		if err := h.documents.May(ctx, who, x.ID, "view"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("past the log through the archive: %v", err)
		}
	})
}

func TestQuestionsShowNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil)
		h.settle(t)
		asker, taker := h.Supplier(t, "晨光社会工作服务中心"), h.Supplier(t, "暖邻为老服务中心")
		h.take(t, taker, x, 0)
		for _, text := range []string{"", "  \n ", "问", strings.Repeat("字", 2001), "我们晨光社会工作服务中心可以投标吗", "\xff\xfe坏的"} {
			if _, err := h.questions.Ask(ctx, asker, x.ID, text); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v", text, err)
			}
		}
		q, err := h.questions.Ask(ctx, asker, x.ID, "<script>alert(1)</script>\u202e是否\x07允许联合体投标？")
		if err != nil || q.Text != "<script>alert(1)</script>是否允许联合体投标？" {
			t.Fatalf("%q %v", q.Text, err)
		}
		if _, err := h.questions.Ask(ctx, h.Officer, x.ID, "自己问自己可以吗"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the buyer asks itself: %v", err)
		}
		seen := func(who party.Actor) int {
			list, err := h.questions.List(ctx, who, x.ID, question.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return list.Total
		}
		if seen(h.Officer) != 1 || seen(asker) != 1 || seen(taker) != 0 || seen(party.Actor{}) != 0 {
			t.Error("who sees an unanswered question")
		}
		events, err := h.Tenders.Timeline(ctx, h.Officer, x.ID)
		if err != nil || strings.Contains(fmt.Sprintf("%+v", events), "晨光") {
			t.Errorf("the timeline tells the asker: %v", err)
		}
		if n, err := h.questions.Waiting(ctx, h.Bureau); err != nil || len(n) != 1 || n[0].Count != 1 || n[0].Tender == "" || n[0].Title == "" {
			t.Errorf("on the desk: %+v %v", n, err)
		}
		if _, err := h.questions.Answer(ctx, asker, q.ID, "可以联合体"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a supplier answers: %v", err)
		}
		if _, err := h.questions.Answer(ctx, h.Officer, q.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty answer: %v", err)
		}
		if _, err := h.questions.Answer(ctx, h.Officer, q.ID, "不接受联合体投标。"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.questions.Answer(ctx, h.Officer, q.ID, "改变主意了。"); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered twice: %v", err)
		}
		if seen(party.Actor{}) != 1 || len(h.letters(t, taker)) != 1 || len(h.letters(t, asker)) != 1 {
			t.Error("who hears the answer")
		}
		auditor := h.Actor(t, h.Org(t, party.Platform, "平台"), "平台", party.Platform, party.Auditor)
		if _, err := h.questions.Reveal(ctx, h.Officer, q.ID, "想知道是谁"); err == nil {
			t.Error("the buyer learns who asked")
		}
		if _, err := h.questions.Reveal(ctx, auditor, q.ID, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("revealed without a reason: %v", err)
		}
		if a, err := h.questions.Reveal(ctx, auditor, q.ID, "投诉 2026-1 号"); err != nil || a.Account != asker.Account {
			t.Errorf("revealed %+v %v", a, err)
		}
		t.Run("条例31 距截止不足15日不再提问", func(t *testing.T) {
			h.Clock.Set(time.Date(2026, 6, 7, 16, 0, 0, 0, time.UTC))
			if _, err := h.questions.Ask(ctx, asker, x.ID, "还能提问吗？"); !fault.Is(err, fault.TooLate) {
				t.Errorf("too late: %v", err)
			}
		})
	})
}

func TestTwoApprovalsAtOnceMakeOneVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil)
		if _, err := h.amendments.Propose(ctx, h.Officer, x.ID, terms); err != nil {
			t.Fatal(err)
		}
		second := h.Actor(t, h.Bureau, "青山区民政局", party.Bureau, party.Approver)
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			who := []party.Actor{h.Approver, second}[i%2]
			wg.Go(func() { _, errs[i] = h.amendments.Approve(ctx, who, x.ID) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, fault.NotFound) {
				t.Errorf("a loser hears %v", err)
			}
		}
		if won != 1 || h.again(t, x).Documents != 2 {
			t.Errorf("%d approvals, version %d", won, h.again(t, x).Documents)
		}
	})
}

func TestCancellingTellsWhoTookTheDocuments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *bun.DB) {
		h, ctx := lay(t, d), t.Context()
		x := h.Published(t, nil)
		h.settle(t)
		who := h.Supplier(t, "晨光社会工作服务中心")
		h.take(t, who, x, 0)
		if _, err := h.Tenders.Cancel(ctx, h.Approver, x.ID, "预算被调减"); err != nil {
			t.Fatal(err)
		}
		l := h.letters(t, who)
		if len(l) != 1 || !strings.Contains(l[0].Title, "采购已取消") || l[0].Read {
			t.Fatalf("%+v", l)
		}
		colleague := who
		colleague.Account = h.Actor(t, who.Org, who.OrgName, party.Social, party.Staff).Account
		if _, err := h.inbox.Read(ctx, who, l[0].ID); err != nil {
			t.Fatal(err)
		}
		mine, _ := h.inbox.Unread(ctx, who)
		theirs, err := h.inbox.Unread(ctx, colleague)
		if mine != 0 || theirs != 1 || err != nil {
			t.Errorf("unread: %d and %d %v", mine, theirs, err)
		}
		if _, err := h.inbox.Read(ctx, h.Supplier(t, "别的中心"), l[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's message: %v", err)
		}
		if err := h.inbox.ReadAll(ctx, colleague); err != nil {
			t.Fatal(err)
		}
		if theirs, _ = h.inbox.Unread(ctx, colleague); theirs != 0 {
			t.Errorf("%d unread after all were read", theirs)
		}
	})
}
