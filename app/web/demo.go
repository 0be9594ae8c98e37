package web

import (
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
)

// demoRoutes exist on a demonstration only: they move its clock, so that a
// visitor can walk past a deadline.
func (w *Web) demoRoutes() []edge.Route {
	if w.Demo == nil {
		return nil
	}
	return []edge.Route{post("/demo/clock", "public", w.demoClock)}
}

func (w *Web) demoClock(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("by") == "reset" {
		err = w.Demo.Reset()
	} else {
		by, bad := time.ParseDuration(f.Get("by"))
		if bad != nil || by <= 0 || by > 366*24*time.Hour {
			return edge.Response{}, fault.New(fault.Invalid, "请选择 1 小时到 366 天之间的时长")
		}
		err = w.Demo.Advance(by)
	}
	if err != nil {
		return edge.Response{}, err
	}
	back := f.Get("back")
	if !edge.LocalPath(back) {
		back = "/"
	}
	return edge.Redirect(back).Flash("info", "演示时钟已调整"), nil
}
