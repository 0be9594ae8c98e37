package calltest

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/foundation/application"
	"gongji/app/foundation/call"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
)

// Crowd puts many applications into a call, as rows: what they say is not read.
// by is whoever stands as their author.
func Crowd(t testing.TB, d *bun.DB, c call.Call, by id.ID, now time.Time, n int) []application.Application {
	t.Helper()
	orgs, apps := make([]organisation.Organisation, n), make([]application.Application, n)
	for i := range n {
		no := fmt.Sprintf("申请〔2026〕%04d号", i+1)
		orgs[i] = organisation.Organisation{ID: id.New(now), Kind: party.Social, Name: fmt.Sprintf("服务中心%03d", i), State: organisation.Approved, Region: "广东省", CreatedAt: now}
		apps[i] = application.Application{ID: id.New(now), Call: c.ID, Foundation: c.Foundation, Organisation: orgs[i].ID, OrgName: orgs[i].Name, Number: &no, State: application.Submitted,
			Version: 1, Title: fmt.Sprintf("项目%03d", i), Form: Answers("项目"), Versions: map[string]int64{}, Sent: 1, CreatedBy: by, CreatedAt: now, UpdatedAt: now, SubmittedAt: &now}
	}
	_, err := d.NewInsert().Model(&orgs).Exec(t.Context())
	if err == nil {
		_, err = d.NewInsert().Model(&apps).Exec(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return apps
}
