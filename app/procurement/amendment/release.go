package amendment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/procurement/tender"
)

// emit publishes an amendment of one package as open data: the notice as it
// now stands, which fields changed, and the new version of the documents.
func emit(ctx context.Context, tx bun.IDB, t tender.Tender, a Amendment, now time.Time) error {
	var changed []string
	for _, c := range a.Changes {
		changed = append(changed, c.Label)
	}
	at, page := ocds.Moment(now), "/tenders/"+string(t.ID)
	return tender.EmitAmendment(ctx, tx, now, t,
		ocds.Amendment{ID: fmt.Sprintf("amendment-%d", a.Number), Rationale: a.Reason, Description: "改变了：" + strings.Join(changed, "、")},
		ocds.Document{ID: fmt.Sprintf("amendment-%d", a.Number), Type: "clarifications", Title: fmt.Sprintf("第 %d 次更正", a.Number), URL: page + "/amendments", Published: &at, Format: "text/html"})
}
