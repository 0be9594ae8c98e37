package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// drawForm is a draw as typed: up to maxNeeds needs.
type drawForm struct {
	Needs  []needForm
	Region string
	Value  string
}

type needForm struct{ Specialty, Number, Alternates string }

// maxNeeds is how many specialties one draw asks for on the page; the API has
// no such bound.
const maxNeeds = 3

func drawFormOf(f *edge.Form) drawForm {
	out := drawForm{Region: f.Get("region"), Value: f.Get("value")}
	for i := range maxNeeds {
		at := "needs." + strconv.Itoa(i) + "."
		out.Needs = append(out.Needs, needForm{f.Get(at + "specialty"), f.Get(at + "number"), f.Get(at + "alternates")})
	}
	return out
}

// fillDraws adds the draws so far, and what can be drawn now. The form begins
// with as many as the rules ask for, and two who stand by.
func (w *Web) fillDraws(r *edge.Request, t tender.Tender, p *panelPage, size rules.Rule) (err error) {
	p.Form = drawForm{Needs: make([]needForm, maxNeeds)}
	if left := size.Value - int64(len(p.Members)); left > 0 {
		p.Form.Needs[0] = needForm{Number: strconv.FormatInt(left, 10), Alternates: "2"}
	}
	if w.Evaluations.May(r.Context(), r.Actor(), t.ID, "draws") != nil {
		return nil //nolint:nilerr // the page goes on without draws
	}
	if p.Draws, err = w.Evaluations.Draws(r.Context(), r.Actor(), t.ID); err != nil {
		return err
	}
	if n := len(p.Draws); n > 0 && p.Draws[n-1].DrawnAt == nil {
		p.MayDraw = w.Evaluations.May(r.Context(), r.Actor(), t.ID, "draw") == nil
	}
	known, err := w.Organisations.Specialties(r.Context())
	p.Choices = []templates.Option{{Label: "任意专业"}}
	for _, s := range known {
		p.Choices = append(p.Choices, templates.Option{Value: s, Label: s})
	}
	return err
}

// vacancy reports whether a running evaluation may get a new member: somebody
// stood aside and the panel is not what the rules ask.
func (w *Web) vacancy(r *edge.Request, t tender.Tender) bool {
	return w.Evaluations.Short(r.Context(), t) && w.Evaluations.May(r.Context(), r.Actor(), t.ID, "panel") == nil
}

func (w *Web) drawCommit(r *edge.Request) (edge.Response, error) {
	return w.panelDo(r, "名单的校验值已公布；请监督人输入之后才产生的数", func(t tender.Tender, f *edge.Form) error {
		in := evaluation.Need{Region: f.Get("region")}
		for _, n := range drawFormOf(f).Needs {
			number, _ := strconv.Atoi(strings.TrimSpace(n.Number))
			alternates, _ := strconv.Atoi(strings.TrimSpace(n.Alternates))
			if n.Number != "" {
				in.Needs = append(in.Needs, draw.Need{Specialty: n.Specialty, Number: number, Alternates: alternates})
			}
		}
		_, err := w.Evaluations.Commit(r.Context(), r.Actor(), t.ID, in)
		return err
	})
}

func (w *Web) drawSeed(r *edge.Request) (edge.Response, error) {
	return w.panelDo(r, "已抽取，抽中的专家列在评审小组中", func(t tender.Tender, f *edge.Form) error {
		_, err := w.Evaluations.Draw(r.Context(), r.Actor(), t.ID, f.Get("value"))
		return err
	})
}

func (w *Web) panelDecline(r *edge.Request) (edge.Response, error) {
	m, err := r.ID("member")
	if err != nil {
		return edge.Response{}, err
	}
	return w.panelDo(r, "已记录，候补专家按顺序替换", func(t tender.Tender, f *edge.Form) error {
		return w.Evaluations.Decline(r.Context(), r.Actor(), t.ID, m, f.Get("decline"))
	})
}

// drawFile hands out the last draw as it stands, pseudonyms only.
func (w *Web) drawFile(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	list, err := w.Evaluations.Draws(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	return lastDraw(list)
}

func lastDraw(list []draw.File) (edge.Response, error) {
	if len(list) == 0 {
		return edge.Response{}, errNoDraw
	}
	return jsonFile(fmt.Sprintf("抽取记录-%d.json", len(list)), list[len(list)-1])
}

// jsonFile is a value as a file to keep and to replay.
func jsonFile(name string, v any) (edge.Response, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(name, "application/json", append(b, '\n'), false), nil
}
