package performance

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/expense"
	"gongji/app/delivery/plan"
	"gongji/app/delivery/survey"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/storage/db"
)

// Fact is a figure that the system has: Got of Of, with the words that say
// where it comes from. Known means that the leaf is computed and cannot be
// typed; Waits that it is not there yet; Short that it rests on too few answers, so that the leaf is left out
// (Rounding says what becomes of its points).
type Fact struct {
	Source Source `json:"source"`
	Known  bool   `json:"known"`
	Short  bool   `json:"short,omitempty"`
	Waits  bool   `json:"waits,omitempty"` // the figure is still being gathered
	Got    int64  `json:"got,omitempty"`
	Of     int64  `json:"of,omitempty"`
	Text   string `json:"text"`
}

// mark is the figure as a leaf takes it: what is beyond the target counts as
// the target, and an interval reads per cent, rounded down to hundredths.
func (f Fact) mark(n Indicator) Mark {
	switch {
	case f.Short:
		return Mark{Out: true}
	case f.Of <= 0: // of no file of ours; Score refuses it
		return Mark{Got: f.Got, Of: f.Of}
	case n.Kind == Interval:
		return Mark{Got: floor(new(big.Rat).Mul(big.NewRat(f.Got, f.Of), big.NewRat(whole, 1))), Of: 100}
	}
	return Mark{Got: min(f.Got, f.Of), Of: f.Of}
}

// facts are the figures of an engagement that the system has now.
func (s *Service) facts(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (map[Source]Fact, error) {
	out := map[Source]Fact{}
	for _, read := range []func(context.Context, bun.IDB, engagement.Engagement, time.Time) (Fact, error){s.execution, s.onTime, s.outputs, s.polled, s.assessed} {
		f, err := read(ctx, d, e, now)
		if err != nil {
			return nil, err
		}
		out[f.Source] = f
	}
	return out, nil
}

// execution is what was spent by accepted weekly reports, or without any what
// was paid, of what was agreed.
func (s *Service) execution(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (Fact, error) {
	f := Fact{Source: Execution, Of: int64(e.Amount)}
	if e.Amount <= 0 {
		f.Text = "没有约定金额，不计算执行率，由评分人填写并附依据"
		return f, nil
	}
	spent, _, err := expense.AcceptedBetween(ctx, d, e.ID, time.Unix(0, 0), now.AddDate(100, 0, 0))
	if err != nil {
		return f, err
	}
	books, err := s.engagements.Money(ctx, d, e, now.Add(time.Microsecond))
	if err != nil {
		return f, err
	}
	paid := books.Paid
	switch {
	case spent > 0:
		f.Known, f.Got, f.Text = true, int64(spent), "周报账已核对支出 "+spent.Yuan()+" 元 ÷ 约定金额 "+e.Amount.Yuan()+" 元"
	case paid > 0:
		f.Known, f.Got, f.Text = true, int64(paid), "已付款 "+paid.Yuan()+" 元 ÷ 约定金额 "+e.Amount.Yuan()+" 元"
	default:
		f.Text = "系统中没有周报账和付款记录，由评分人填写并附依据"
	}
	return f, nil
}

func progress(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (plan.Progress, bool, error) {
	p, err := plan.AgreedOf(ctx, d, e.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return plan.Progress{}, false, nil
	}
	if err != nil {
		return plan.Progress{}, false, err
	}
	out, err := plan.ProgressOf(ctx, d, p, now)
	return out, true, err
}

// onTime is how many milestones were reported by their day, and then accepted.
func (s *Service) onTime(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (Fact, error) {
	f := Fact{Source: Milestones}
	p, agreed, err := progress(ctx, d, e, now)
	if err != nil {
		return f, err
	}
	if !agreed || len(p.Milestones) == 0 {
		f.Text = "没有双方确认的服务方案，由评分人填写并附依据"
		return f, nil
	}
	for _, m := range p.Milestones {
		f.Of++
		if m.AcceptedAt != nil && m.ReportedAt != nil && m.ReportedAt.Before(m.Due.AddDate(0, 0, 1)) {
			f.Got++
		}
	}
	f.Known, f.Text = true, fmt.Sprintf("按时报告并经付款方确认的节点 %d 个 ÷ 方案中的节点 %d 个", f.Got, f.Of)
	return f, nil
}

// outputs is the mean of how far each output of the plan was done, none above
// its quantity: exact for one output, else rounded down to 0.01%.
func (s *Service) outputs(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (Fact, error) {
	f := Fact{Source: Outputs}
	p, agreed, err := progress(ctx, d, e, now)
	if err != nil {
		return f, err
	}
	if !agreed || len(p.Outputs) == 0 {
		f.Text = "没有双方确认的服务方案，由评分人填写并附依据"
		return f, nil
	}
	sum := new(big.Rat)
	for _, o := range p.Outputs {
		sum.Add(sum, big.NewRat(min(o.Done, o.Quantity), o.Quantity))
		if f.Text != "" {
			f.Text += "，"
		}
		f.Text += fmt.Sprintf("%s %d/%d %s", o.Name, o.Done, o.Quantity, o.Unit)
	}
	f.Known, f.Got, f.Of = true, p.Outputs[0].Done, p.Outputs[0].Quantity
	if n := int64(len(p.Outputs)); n > 1 {
		f.Got, f.Of = floor(sum.Mul(sum, big.NewRat(whole, n))), whole
		f.Text += "，各项完成率（超额不计）的平均"
	}
	return f, nil
}

// polled is what residents said in a survey that is over. While one runs,
// nothing can be typed in its place.
func (s *Service) polled(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) (Fact, error) {
	f := Fact{Source: Satisfaction, Text: "没有通过平台开展居民问卷，由评分人填写并附依据"}
	var v survey.Survey
	err := db.Found(d.NewSelect().Model(&v).Where("engagement = ?", e.ID).Scan(ctx), "问卷")
	if fault.Is(err, fault.NotFound) || err == nil && !v.Published() {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if !v.Closed(now) {
		f.Known, f.Waits, f.Text = true, true, "居民问卷到 "+v.ClosesAt.Add(-1).In(clock.Beijing).Format("2006年1月2日")+" 截止，截止后由系统取数"
		return f, nil
	}
	p, err := survey.Satisfaction(ctx, d, e.ID, now)
	if err != nil {
		return f, err
	}
	f.Known = true
	count := fmt.Sprintf("发出邀请 %d 份，收回 %d 份", p.Asked, p.Answered)
	if p.Open > 0 {
		count += fmt.Sprintf("；另有公开海报答卷 %d 份，不计入", p.Open)
	}
	if !p.Enough {
		f.Short, f.Text = true, count+"，样本不足，不计算满意率，本项不计分"
		return f, nil
	}
	f.Got, f.Of = int64(p.Percent), whole
	f.Text = fmt.Sprintf("%s，满意率 %s%%（95%% 置信区间 %s%%–%s%%）", count, Points(int64(p.Percent)), Points(int64(p.Low)), Points(int64(p.High)))
	return f, nil
}

// assessed is the mean of what communities and streets gave.
func (s *Service) assessed(ctx context.Context, d bun.IDB, e engagement.Engagement, _ time.Time) (Fact, error) {
	f := Fact{Source: Community, Text: "没有社区或街道通过平台评价，由评分人填写并附依据"}
	list, err := survey.Community(ctx, d, e.ID)
	if err != nil || len(list) == 0 {
		return f, err
	}
	f.Known, f.Text = true, ""
	for _, a := range list {
		f.Got, f.Of = f.Got+max(0, min(FullMarks, int64(a.Score))), f.Of+FullMarks
		if f.Text != "" {
			f.Text += "，"
		}
		f.Text += a.Name + " " + Points(int64(a.Score)) + " 分"
	}
	return f, nil
}

// Spending is what was spent or paid by the end of a month, for the picture.
type Spending struct {
	Month time.Time `json:"month"` // 00:00 of its first day, Beijing
	Spent money.Fen `json:"spent"` // by accepted weekly reports, since the beginning
	Paid  money.Fen `json:"paid"`  // since the beginning
}

// mostMonths is how many months a picture of the execution has at most.
const mostMonths = 36

// spending is the execution over the months of the term, and one after.
func (s *Service) spending(ctx context.Context, d bun.IDB, e engagement.Engagement, now time.Time) ([]Spending, error) {
	out := []Spending{}
	y, m, _ := e.Start.In(clock.Beijing).Date()
	at := time.Date(y, m, 1, 0, 0, 0, 0, clock.Beijing)
	last := e.End
	if now.Before(last) {
		last = now
	}
	for len(out) < mostMonths && !at.After(last) {
		next := at.AddDate(0, 1, 0)
		spent, _, err := expense.AcceptedBetween(ctx, d, e.ID, time.Unix(0, 0), clock.Trunc(next))
		if err != nil {
			return nil, err
		}
		books, err := s.engagements.Money(ctx, d, e, clock.Trunc(next))
		if err != nil {
			return nil, err
		}
		out = append(out, Spending{clock.Trunc(at), spent, books.Paid})
		at = next
	}
	return out, nil
}
