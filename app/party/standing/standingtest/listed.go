// Package standingtest puts organisations on credit lists for tests.
package standingtest

import (
	"testing"

	"gongji/app/party"
	"gongji/app/party/standing"
)

// Listed has a supervisor draw up a listing of the lead's organisation, the
// lead state its case and an approver of the same office decide it.
func Listed(t testing.TB, s *standing.Service, supervisor, approver, lead party.Actor, kind string) standing.Listing {
	t.Helper()
	in := standing.Intent{Kind: kind, Organisation: string(lead.Org), Reason: "提供虚假材料谋取成交，经查证属实。"}
	if kind == "ban" {
		in.Months = "12"
	}
	l, err := s.Notify(t.Context(), supervisor, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.State(t.Context(), lead, l.ID, "材料由他人代办，请从轻处理。"); err != nil {
		t.Fatal(err)
	}
	l, err = s.Decide(t.Context(), approver, l.ID, standing.Ruling{List: true, Answer: "事实清楚，申辩理由不予采纳。"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}
