package templates_test

import (
	"testing"

	"gongji/app/kernel/fault"
	"gongji/templates"
	"gongji/templates/templatetest"
)

func TestOwnPages(t *testing.T) {
	templatetest.Check(t, "error", templates.NewErrorPage(404, fault.New(fault.NotFound, "没有这份公告")))
	templatetest.Check(t, "account/login", &templates.LoginPage{Resume: []templates.Hidden{{Name: "resume", Value: "x"}}})
	templatetest.Check(t, "account/register", &templates.RegisterPage{})
	templatetest.Check(t, "account/resume", &templates.ResumePage{})
}
