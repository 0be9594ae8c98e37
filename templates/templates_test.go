package templates_test

import (
	"testing"
	"time"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestOwnPages(t *testing.T) {
	templatetest.Check(t, "style", templatetest.NewStylePage(time.Date(2026, 11, 21, 9, 0, 0, 0, clock.Beijing)))
	templatetest.Check(t, "error", templates.NewErrorPage(404, fault.New(fault.NotFound, "没有这份公告")))
	templatetest.Check(t, "account/login", &templates.LoginPage{Resume: []templates.Hidden{{Name: "resume", Value: "x"}}})
	templatetest.Check(t, "account/register", &templates.RegisterPage{})
	templatetest.Check(t, "account/resume", &templates.ResumePage{})
}
