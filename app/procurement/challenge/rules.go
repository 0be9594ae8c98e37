package challenge

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/award"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
)

// Window is when a 质疑 about a stage may be raised. From is the day the harm
// was known; Ends is exclusive and nil where the year's table of working days
// is missing: a right is not cut off at a date that nobody can know.
type Window struct {
	Stage   Stage      `json:"stage"`
	Open    bool       `json:"open"`
	From    *time.Time `json:"from,omitempty"` // nil: the stage has not happened yet
	Ends    *time.Time `json:"ends,omitempty"`
	Start   string     `json:"start"` // what the period runs from, in words
	Article string     `json:"article"`
	Certain bool       `json:"certain"`
	Missing string     `json:"missing,omitempty"`
}

// began is when each stage of a purchase did what can be challenged, and when
// its period starts (实施条例第53条): documents at the end of the notice period
// or of the time they were on offer, whichever is later; the process when the
// last step that bidders know of ended; the result at the end of its notice
// period. earliest is from when on one may be raised.
func began(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set, stage Stage, cal *calendar.Calendar) (earliest, from *time.Time, words string, err error) {
	result, err := resultAt(ctx, d, t)
	if err != nil {
		return nil, nil, "", err
	}
	switch stage {
	case Documents:
		words = "收到采购文件之日或者采购文件公告期限届满之日，按较晚的一日"
		if t.PublishedAt == nil {
			return nil, nil, words, nil
		}
		at := *t.PublishedAt
		if m, err := set.Clock(set.Of(t.Method, "notice_period").ID, at, cal); err == nil && m.At != nil {
			at = m.At.Add(-time.Second) // the end is exclusive: the last day counts
		}
		if u := t.DocumentsUntil; u != nil && u.After(at) {
			at = u.Add(-time.Second)
		}
		return t.PublishedAt, &at, words, nil
	case Process:
		words = "各采购程序环节结束之日"
		if result != nil {
			return result, result, words, nil
		}
		at, err := opening.At(ctx, d, t.ID)
		return at, at, words, err
	case Result:
		words = "结果公告期限届满之日"
		if result == nil {
			return nil, nil, words, nil
		}
		at := *result
		if m, err := set.Clock(rules.ResultNoticePeriod, at, cal); err == nil && m.At != nil {
			at = m.At.Add(-time.Second)
		}
		return result, &at, words, nil
	}
	return nil, nil, "", fault.New(fault.Invalid, "请选择质疑针对采购文件、采购过程还是采购结果")
}

// resultAt is when the result was published, who is admitted to a framework
// and 废标 included; nil before.
func resultAt(ctx context.Context, d bun.IDB, t tender.Tender) (*time.Time, error) {
	a, err := award.ApprovedOf(ctx, d, t.ID)
	if err == nil {
		return a.DecidedAt, nil
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	f, err := framework.ApprovedOf(ctx, d, t.ID)
	switch {
	case err == nil:
		return f.DecidedAt, nil
	case !fault.Is(err, fault.NotFound):
		return nil, err
	case t.State == tender.Failed:
		return t.ClosedAt, nil
	}
	return nil, nil
}

// windowRule is the rule of a stage's period; sets frozen before the stages
// had rules of their own know the general one.
func windowRule(set rules.Set, stage Stage) rules.Rule {
	name := rules.ChallengeWindow
	switch stage {
	case Documents:
		name = "challenge.window_documents"
	case Result:
		name = "challenge.window_result"
	case Process:
	}
	if r, ok := set.Get(name); ok {
		return r
	}
	return set.Must(rules.ChallengeWindow)
}

func windowOf(ctx context.Context, d bun.IDB, t tender.Tender, set rules.Set, stage Stage, now time.Time, cal *calendar.Calendar) (Window, error) {
	rule := windowRule(set, stage)
	w := Window{Stage: stage, Article: rule.Article, Certain: rule.Certain}
	earliest, from, words, err := began(ctx, d, t, set, stage, cal)
	w.Start, w.From = words, from
	if err != nil || from == nil {
		return w, err
	}
	m, err := set.Clock(rule.ID, *from, cal)
	if err != nil {
		return w, err
	}
	w.Ends, w.Missing = m.At, m.Missing
	w.Open = !now.Before(*earliest) && (m.At == nil || now.Before(*m.At))
	return w, nil
}

// Clock is a date that a rule makes in a case.
type Clock struct {
	Label   string     `json:"label"`
	At      *time.Time `json:"at,omitempty"` // exclusive
	Missing string     `json:"missing,omitempty"`
	Article string     `json:"article"`
	Certain bool       `json:"certain"`
	Rule    string     `json:"rule"`
}

func clockOf(set rules.Set, label, rule string, from time.Time, cal *calendar.Calendar) (Clock, error) {
	m, err := set.Clock(rule, from, cal)
	return Clock{Label: label, At: m.At, Missing: m.Missing, Article: m.Rule.Article, Certain: m.Rule.Certain, Rule: rule}, err
}

// Clocks are the dates that run in a case now, and the one that follows it.
func Clocks(x Case, set rules.Set, cal *calendar.Calendar) ([]Clock, error) {
	type one struct {
		label, rule string
		from        time.Time
	}
	var list []one
	switch {
	case x.Kind == Query && x.State == Open:
		list = []one{{"答复询问", rules.QueryAnswer, x.ReceivedAt}}
	case x.Kind == Challenge && (x.State == Open || x.State == Drafted):
		list = []one{{"答复质疑", rules.ChallengeAnswer, x.ReceivedAt}}
	case x.Kind == Complaint && x.State == Filed:
		list = []one{{"审查投诉书", rules.ComplaintReview, x.ReceivedAt}, {"投诉书副本送达当事人", rules.ComplaintCopy, x.ReceivedAt}, {"作出处理决定", rules.ComplaintDecide, x.ReceivedAt}}
	case x.Kind == Complaint && x.State == Accepted && x.CopiedAt == nil:
		list = []one{{"投诉书副本送达当事人", rules.ComplaintCopy, x.ReceivedAt}, {"作出处理决定", rules.ComplaintDecide, x.ReceivedAt}}
	case x.Kind == Complaint && x.State == Accepted:
		list = []one{{"作出处理决定", rules.ComplaintDecide, x.ReceivedAt}}
	}
	out := []Clock{}
	for _, o := range list {
		c, err := clockOf(set, o.label, o.rule, o.from, cal)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if x.Kind == Challenge && x.State != Withdrawn {
		c, from, err := complaintWindow(x, set, cal)
		if err != nil {
			return nil, err
		}
		if x.State == Answered || from != nil {
			out = append(out, c)
		}
	}
	return out, nil
}

// complaintWindow is until when a complaint may follow a 质疑: 15 working days
// after its answer was due, or was given where that was later
// (政府采购法第55条: 答复期满后). from is nil where the due date is unknown.
func complaintWindow(x Case, set rules.Set, cal *calendar.Calendar) (Clock, *time.Time, error) {
	due, err := clockOf(set, "", rules.ChallengeAnswer, x.ReceivedAt, cal)
	if err != nil {
		return Clock{}, nil, err
	}
	from := due.At
	if from != nil {
		last := from.Add(-time.Second)
		from = &last
	}
	if x.DecidedAt != nil && (from == nil || x.DecidedAt.After(*from)) {
		from = x.DecidedAt
	}
	if from == nil {
		return Clock{Label: "提起投诉", Missing: due.Missing}, nil, nil
	}
	c, err := clockOf(set, "提起投诉", rules.ComplaintWindow, *from, cal)
	return c, from, err
}

// articles that are no clock.
var (
	lawContent  = law.Cite("财政部令第94号第12条")
	lawWho      = law.Cite("财政部令第94号第11条")
	lawEffect   = law.Cite("财政部令第94号第16条")
	lawContract = law.Cite("政府采购法实施条例第54条")
)
