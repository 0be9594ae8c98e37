package bid

import (
	"strconv"
	"time"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/tender"
)

// phase is what policy calls the state of a bid: where its tender stands and
// whether the opening made it readable. While the opening runs only prices have
// been read out; the bid itself stays closed to others until the opening ends.
func phase(t tender.Tender, opened bool, now time.Time) string {
	switch {
	case t.StateAt(now) == tender.Open:
		return "bid.drafting"
	case !opened || t.State == tender.Open:
		return "bid.sealed"
	case t.State == tender.Opened:
		return "bid.opened"
	case t.State == tender.Evaluating:
		return "bid.evaluating"
	default:
		return "bid.evaluated"
	}
}

// inTime refuses at the deadline itself and after it: a bid must arrive before.
func inTime(t tender.Tender, now time.Time) error {
	if t.Deadline != nil && !now.Before(*t.Deadline) {
		return fault.New(fault.TooLate, "投标截止时间已过，不能再提交、修改或撤回投标")
	}
	return nil
}

// Question is one line of the scoring table that a bidder answers. Key names
// it by its place in the table, which is frozen at publication.
type Question struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Weight      int64  `json:"weight"` // hundredths of a point
	// Bands are the intervals it is scored by.
	Bands []tender.Band `json:"bands,omitempty"`
}

// Questions are the lines of the scoring table that people score; the price
// line answers itself, and a line of the record is computed.
func Questions(t tender.Tender) []Question {
	out := []Question{}
	for i, k := range t.Criteria {
		if k.Kind != tender.PriceCriterion && !tender.Recorded(k.Kind) {
			out = append(out, Question{Key: strconv.Itoa(i), Name: k.Name, Description: k.Description, Weight: k.Weight, Bands: k.Bands})
		}
	}
	return out
}
