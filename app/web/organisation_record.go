package web

import (
	"gongji/app/delivery/engagement"
	"gongji/app/delivery/performance"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/standing"
)

// organisationRecord is what anyone may know of an organisation's work; each
// figure opens to its source.
type organisationRecord struct {
	Listed      []standing.Listing // in force now
	Sum         engagement.Sum     // over all engagements, not only Rows
	Rows        []engagementRow
	Entries     []performance.Entry
	Grades      []gradeCount // best first
	Count       int64        // published evaluations
	Next, First string       // addresses of older and of the newest engagements
}

type gradeCount struct {
	Grade performance.Grade
	N     int64
}

func (w *Web) organisationRecord(r *edge.Request, org id.ID) (organisationRecord, error) {
	var out organisationRecord
	const page = 20
	var err error
	if out.Listed, err = w.Standing.Running(r.Context(), org); err != nil {
		return out, err
	}
	list, err := w.Engagements.Of(r.Context(), org, id.ID(r.Query("after")), page)
	if err != nil {
		return out, err
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
		return out, err
	}
	st, err := w.Performance.StandingOf(r.Context(), org)
	out.Entries, out.Count = st.Entries, st.Count
	for _, g := range []performance.Grade{performance.Excellent, performance.Good, performance.Fair, performance.Poor} {
		if n := st.Grades[g]; n > 0 {
			out.Grades = append(out.Grades, gradeCount{g, n})
		}
	}
	return out, err
}
