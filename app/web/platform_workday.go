package web

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/trust/workday"
	"gongji/templates"
)

func (w *Web) workdayRoutes() []edge.Route {
	return []edge.Route{
		get("/platform/workdays", "platform", w.workdays),
		post("/platform/workdays/look", "platform", w.workdayLook),
		post("/platform/workdays", "platform", w.workdayImport),
	}
}

// workdayPage is platform/workdays.html: the years that are known, the form
// for a file, and what the file would change.
type workdayPage struct {
	templates.Chrome
	Years   []workday.Year
	Lacks   int // the next year, while it has no table
	May     bool
	File    string // as it was read, for the confirming form
	Preview *workday.Preview
	Reason  string
	Months  []workdayMonth
}

// workdayMonth is one month of a preview.
type workdayMonth struct {
	Name string
	Days []workdayDay
}

type workdayDay struct{ Date, Name, Says string }

func (w *Web) workdays(r *edge.Request) (edge.Response, error) {
	p, err := w.workdayPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "platform/workdays", p), nil
}

func (w *Web) workdayPage(r *edge.Request) (*workdayPage, error) {
	p := &workdayPage{May: w.Policy.Any(r.Actor().Relations(), "workdays", "import")}
	p.Title = "工作日表"
	p.Breadcrumbs = []templates.Crumb{{Label: "平台运行", Href: "/platform"}, {Label: p.Title}}
	var err error
	p.Years, err = w.Workdays.Years(r.Context())
	p.Lacks = r.Now().Year() + 1
	for _, y := range p.Years {
		if y.Year == p.Lacks {
			p.Lacks = 0
		}
	}
	return p, err
}

// workdayLook reads the file and shows what it would change; the confirming
// form carries the file along.
func (w *Web) workdayLook(r *edge.Request) (edge.Response, error) {
	var file []byte
	err := r.Upload(func(part edge.Part) error {
		if part.Field != "file" {
			return nil
		}
		var err error
		file, err = io.ReadAll(io.LimitReader(part.Reader, workday.MaxFile+1))
		return err
	})
	if err != nil {
		return edge.Response{}, err
	}
	// On one line, because forms change line ends and the confirmed file must be
	// the one that was compared.
	var line bytes.Buffer
	if json.Compact(&line, file) == nil {
		file = line.Bytes()
	}
	return w.workdayShow(r, file, "", nil)
}

func (w *Web) workdayShow(r *edge.Request, file []byte, why string, refused error) (edge.Response, error) {
	p, err := w.workdayPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	look, err := w.Workdays.Look(r.Context(), r.Actor(), file)
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			return edge.Response{}, err
		}
		return again("platform/workdays", p, err)
	}
	p.Preview, p.File, p.Reason, p.Months = &look, string(file), why, months(look)
	if refused != nil {
		return again("platform/workdays", p, refused)
	}
	return edge.HTML(200, "platform/workdays", p), nil
}

func (w *Web) workdayImport(r *edge.Request) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	file := []byte(f.Get("table"))
	in, err := w.Workdays.Bring(r.Context(), r.Actor(), workday.Input{File: file, SHA256: f.Get("sha256"), Reason: f.Get("reason")})
	switch {
	case fault.Is(err, fault.Invalid):
		return w.workdayShow(r, file, f.Get("reason"), err)
	case err != nil:
		return edge.Response{}, err
	}
	return edge.Redirect("/platform/workdays").Flash("ok", strconv.Itoa(in.Year)+" 年工作日表已启用"), nil
}

var weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}

func months(p workday.Preview) []workdayMonth {
	var out []workdayMonth
	for _, d := range p.Table.Exceptions {
		at, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			continue
		}
		name := strconv.Itoa(int(at.Month())) + "月"
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, workdayMonth{Name: name})
		}
		says := "放假"
		if d.Work {
			says = "上班"
		}
		m := &out[len(out)-1]
		m.Days = append(m.Days, workdayDay{at.Format("1月2日") + "（周" + weekdays[at.Weekday()] + "）", d.Name, says})
	}
	return out
}
