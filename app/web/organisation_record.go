package web

import (
	"strings"

	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/delivery/record"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/standing"
	"gongji/templates"
)

// organisationRecord is what anyone may know of an organisation's work; each
// figure opens to its source.
type organisationRecord struct {
	Listed      []standing.Listing // in force now
	Listings    []listingEntry     // all that were decided
	Sum         engagement.Sum     // over all engagements, not only Rows
	Rows        []engagementRow
	Answers     []workAnswer // to those of Rows that were answered
	Punctual    record.Punctuality
	Entries     []evaluationEntry
	Grades      []gradeCount // best first
	Count       int64        // published evaluations
	Rating      *recognitionRow
	Ratings     []recognitionRow
	Honours     []recognitionRow
	Next, First string // addresses of older and of the newest engagements
	Answer      bool   // this person may answer the entries
}

type gradeCount struct {
	Grade performance.Grade
	N     int64
}

// recordAnswer is what the organisation said about an entry.
type recordAnswer struct {
	Now     *standing.Answer // nil: nothing
	Earlier []standing.Answer
	Href    string // where its own people write it
}

// workAnswer is an engagement's title with what was said about it.
type workAnswer struct {
	Title  string
	Answer recordAnswer
}

// answerTo is what the provider said in public about one entry, and where its
// own people write it.
func (w *Web) answerTo(r *edge.Request, org id.ID, about string, subject id.ID) (recordAnswer, bool, error) {
	all, err := w.Standing.Answers(r.Context(), org)
	return answerOf(all, org, about, subject), w.Standing.MayAnswer(r.Actor(), org, "draft"), err
}

type evaluationEntry struct {
	performance.Entry
	Answer recordAnswer
}

type listingEntry struct {
	listingRow
	Answer recordAnswer
}

// recognitionRow is a rating or a commendation in a list.
type recognitionRow struct {
	standing.Recognition
	Status templates.Status
	Until  string
}

func recognitionRows(r *edge.Request, list []standing.Recognition) []recognitionRow {
	var out []recognitionRow
	for _, x := range list {
		row := recognitionRow{Recognition: x, Status: templates.Status{Label: x.State.Name(), Tone: templates.Neutral}, Until: "长期"}
		if x.ValidUntil != nil {
			row.Until = "至 " + day(x.ValidUntil.AddDate(0, 0, -1))
		}
		switch {
		case x.State == standing.Published && x.Valid(r.Now()):
			row.Status = templates.Status{Label: "有效", Tone: templates.OK}
		case x.State == standing.Published:
			row.Status.Label = "已过期"
		case x.State == standing.Proposed:
			row.Status.Tone = templates.Warn
		}
		out = append(out, row)
	}
	return out
}

func answerOf(all map[string][]standing.Answer, org id.ID, about string, subject id.ID) recordAnswer {
	out := recordAnswer{Href: "/organisations/" + string(org) + "/answers/" + about + "/" + string(subject)}
	if list := all[about+"/"+string(subject)]; len(list) > 0 {
		out.Now, out.Earlier = &list[len(list)-1], list[:len(list)-1]
	}
	return out
}

func (w *Web) organisationRecord(r *edge.Request, org id.ID) (organisationRecord, error) {
	out := organisationRecord{Answer: w.Standing.MayAnswer(r.Actor(), org, "draft")}
	for _, read := range []func(*edge.Request, id.ID, *organisationRecord) error{w.recordWork, w.recordJudged, w.recordHonours} {
		if err := read(r, org, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// recordWork reads what the organisation delivers and delivered, and in time.
func (w *Web) recordWork(r *edge.Request, org id.ID, out *organisationRecord) error {
	const page = 20
	list, err := w.Engagements.Of(r.Context(), org, id.ID(r.Query("after")), page)
	if err != nil {
		return err
	}
	for _, e := range list {
		out.Rows = append(out.Rows, engagementRow{e, partOf(e, org), w.engagementStatus(e)})
	}
	if r.Query("after") != "" {
		out.First = with(r, "after", "") + "#engagements"
	}
	if len(list) == page {
		out.Next = with(r, "after", string(list[page-1].ID)) + "#engagements"
	}
	if out.Sum, err = w.Engagements.Total(r.Context(), engagement.Filter{Provider: org}); err != nil {
		return err
	}
	_, out.Punctual, err = w.Record.Milestones(r.Context(), org)
	return err
}

// recordJudged reads what was found: evaluations, listings, and the answers.
func (w *Web) recordJudged(r *edge.Request, org id.ID, out *organisationRecord) error {
	answers, err := w.Standing.Answers(r.Context(), org)
	if err != nil {
		return err
	}
	if out.Listed, err = w.Standing.Running(r.Context(), org); err != nil {
		return err
	}
	listings, err := w.Standing.Decided(r.Context(), org)
	if err != nil {
		return err
	}
	for _, x := range listingRows(r, listings) {
		out.Listings = append(out.Listings, listingEntry{x, answerOf(answers, org, standing.ObjectKind, x.ID)})
	}
	for _, x := range out.Rows {
		if a := answerOf(answers, org, record.EngagementKind, x.ID); a.Now != nil {
			out.Answers = append(out.Answers, workAnswer{x.Title, a})
		}
	}
	st, err := w.Performance.StandingOf(r.Context(), org)
	out.Count = st.Count
	for _, e := range st.Entries {
		out.Entries = append(out.Entries, evaluationEntry{e, answerOf(answers, org, performance.Object, e.ID)})
	}
	for _, g := range []performance.Grade{performance.Excellent, performance.Good, performance.Fair, performance.Poor} {
		if n := st.Grades[g]; n > 0 {
			out.Grades = append(out.Grades, gradeCount{g, n})
		}
	}
	return err
}

// recordHonours reads ratings and commendations that were published.
func (w *Web) recordHonours(r *edge.Request, org id.ID, out *organisationRecord) error {
	list, err := w.Standing.Recognitions(r.Context(), r.Actor(), org)
	for _, x := range recognitionRows(r, list) {
		switch {
		case x.State != standing.Published && x.State != standing.Taken:
		case x.Kind == standing.Rating:
			out.Ratings = append(out.Ratings, x)
			if out.Rating == nil && x.Valid(r.Now()) {
				out.Rating = &out.Ratings[len(out.Ratings)-1]
			}
		default:
			out.Honours = append(out.Honours, x)
		}
	}
	return err
}

// milestonesPage is organisation/milestones.html: what the rate of milestones
// in time counts.
type milestonesPage struct {
	templates.Chrome
	Org      id.ID
	Filter   templates.Filter
	Items    []record.Milestone
	Punctual record.Punctuality
	Total    int
}

func (w *Web) organisationMilestones(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	o, err := w.Organisations.Get(r.Context(), r.Actor(), org)
	if err != nil {
		return edge.Response{}, err
	}
	p := &milestonesPage{Org: org}
	p.Title = "节点按期情况"
	p.Breadcrumbs = []templates.Crumb{{Label: "组织名录", Href: "/organisations"}, {Label: o.Name, Href: "/organisations/" + string(org)}, {Label: p.Title}}
	list, sum, err := w.Record.Milestones(r.Context(), org)
	if err != nil {
		return edge.Response{}, err
	}
	want := record.Outcome(r.Query("outcome"))
	p.Punctual, p.Total = sum, len(list)
	for _, m := range list {
		if (want == "" || m.Outcome == want) && strings.Contains(m.Title+m.Name, r.Query("q")) {
			p.Items = append(p.Items, m)
		}
	}
	options := []templates.Option{{Label: "全部"}}
	for _, x := range []record.Outcome{record.OnTime, record.Late, record.Open} {
		options = append(options, templates.Option{Value: string(x), Label: x.Name()})
	}
	p.Filter = templates.Filter{Action: r.Path(), Query: r.Query("q"), Placeholder: "项目或节点", Active: want != "" || r.Query("q") != "", Selects: []templates.FilterSelect{{Name: "outcome", Label: "结果", Value: string(want), Options: options}}}
	return edge.HTML(200, "organisation/milestones", p), nil
}
