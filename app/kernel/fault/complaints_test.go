package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"gongji/app/kernel/fault"
)

func TestComplaints(t *testing.T) {
	var c fault.Check
	c.Fail("price", "请填写报价")
	if got, err := fault.Complaints(fmt.Errorf("submit: %w", c.Err())); err != nil || len(got) != 1 || got[0].Name != "price" {
		t.Errorf("a wrapped refusal: %v, %v", got, err)
	}
	if got, err := fault.Complaints(nil); got != nil || err != nil {
		t.Errorf("nothing wrong: %v, %v", got, err)
	}
	for _, other := range []error{errors.New("disk"), fault.New(fault.Forbidden, "无权")} {
		if got, err := fault.Complaints(other); got != nil || !errors.Is(err, other) {
			t.Errorf("%v: %v, %v", other, got, err)
		}
	}
}
