package web_test

import (
	"fmt"
	"testing"
	"time"

	"gongji/app/apptest"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/tender/tendertest"
)

// TestAWatcherAsksForWhatIsNew: the page of an opening says up to which event
// it goes; asked from there it has the changed lines only, the counts stay.
func TestAWatcherAsksForWhatIsNew(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		officer := e.Org(party.Bureau, "青山区民政局", party.Officer)
		approver := e.Colleague(officer, party.Approver)
		x, err := e.Tenders.Create(t.Context(), officer.Actor, tendertest.Complete())
		if err != nil {
			t.Fatal(err)
		}
		keys := e.Lock(officer, x.ID)
		if x, err = e.Tenders.Submit(t.Context(), officer.Actor, x.ID); err == nil {
			x, err = e.Tenders.Publish(t.Context(), approver.Actor, x.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			p := e.Org(party.Social, fmt.Sprintf("第%d社会工作服务中心", i+1), party.Lead)
			e.Time.Advance(time.Millisecond)
			p.Bid(x.ID, money.Fen(600_000+1000*i)*money.Yuan)
		}
		e.Time.Set(*x.Deadline)
		keys.Open()
		list, err := e.Openings.Events(t.Context(), x.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		var third int64 // the event of the third line
		for _, ev := range list {
			if ev.Data.Line != nil && ev.Data.Line.Position == 3 {
				third = ev.Seq
			}
		}
		at := "/tenders/" + string(x.ID) + "/opening"
		for query, want := range map[string]int{"": 4, "?seen=0": 4, "?seen=x": 4, "?seen=999": 4, fmt.Sprintf("?seen=%d", third): 1, fmt.Sprintf("?seen=%d", third-1): 2, fmt.Sprintf("?seen=%d", list[len(list)-1].Seq): 0} {
			page := officer.Get(at + query)
			if got := page.Find("[data-part=lines] tr").Length(); got != want {
				t.Errorf("%q: %d lines, want %d", query, got, want)
			}
			if part := page.Find("[data-part=lines][data-since]").Length() == 1; part != (want < 4) {
				t.Errorf("%q: says it is a part: %v", query, part)
			}
			if page.Find("[data-shell=lines][hidden]").Length() != 0 {
				t.Errorf("%q: the table is hidden", query)
			}
		}
	})
}
