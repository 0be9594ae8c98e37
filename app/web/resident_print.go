package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"gongji/app/delivery/survey"
	"gongji/app/document"
	"gongji/app/edge"
	"gongji/app/kernel/id"
)

// voiceInvite makes invitations and answers with the sheet: the codes are in it
// and nowhere else.
func (w *Web) voiceInvite(r *edge.Request, at id.ID) (edge.Response, error) {
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	n, _ := strconv.Atoi(f.Get("count"))
	b, codes, err := w.Residents.Invite(r.Context(), r.Actor(), at, n, f.Get("note"))
	if err != nil {
		return w.voiceDid(r, survey.Survey{}, err, "")
	}
	v, err := w.Residents.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return edge.Response{}, err
	}
	name := fmt.Sprintf("居民问卷邀请-第%d批", b.Seq)
	if f.Get("form") == "csv" {
		return invitationTable(r, name+".csv", codes)
	}
	slips := document.SurveySlips{Issue: document.Issue{IssuedAt: b.IssuedAt, Demo: w.Demo != nil}, Title: v.Title, Maker: v.MakerName,
		Site: r.PublicURL() + "/s", Batch: fmt.Sprintf("第 %d 批", b.Seq), Last: v.ClosesAt.Add(-time.Second)}
	for _, c := range codes {
		slips.Codes = append(slips.Codes, survey.Spaced(c))
		slips.URLs = append(slips.URLs, r.PublicURL()+"/s/"+c)
	}
	return printed(slips, name+".pdf")
}

func invitationTable(r *edge.Request, name string, codes []string) (edge.Response, error) {
	var buf bytes.Buffer
	buf.WriteString("\ufeff") // spreadsheets then read it as UTF-8
	out := csv.NewWriter(&buf)
	_ = out.Write([]string{"序号", "邀请码", "网址"})
	for i, c := range codes {
		_ = out.Write([]string{strconv.Itoa(i + 1), survey.Spaced(c), r.PublicURL() + "/s/" + c})
	}
	out.Flush()
	return edge.File(name, "text/csv; charset=utf-8", buf.Bytes(), false).Header("Cache-Control", "no-store"), out.Error()
}

func printed(c document.Content, name string) (edge.Response, error) {
	kind, content, err := document.Freeze(c)
	if err != nil {
		return edge.Response{}, err
	}
	pdf, err := document.Render(kind, content)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.File(name, "application/pdf", pdf, false).Header("Cache-Control", "no-store"), nil
}

func (w *Web) voicePoster(r *edge.Request, at id.ID) (edge.Response, error) {
	if err := w.Residents.May(r.Context(), r.Actor(), at, "follow"); err != nil {
		return edge.Response{}, err
	}
	v, err := w.Residents.Posted(r.Context(), at)
	if v.ID == "" {
		return edge.Response{}, err
	}
	e, err := w.Engagements.Get(r.Context(), r.Actor(), v.Engagement)
	if err != nil {
		return edge.Response{}, err
	}
	return printed(document.SurveyPoster{Issue: document.Issue{IssuedAt: v.MadeAt, Demo: w.Demo != nil}, Title: v.Title, Project: e.Title, Provider: e.ProviderName,
		Payer: e.PayerName, Maker: v.MakerName, URL: r.PublicURL() + "/s/open/" + string(at), Opens: v.OpensAt, Last: v.ClosesAt.Add(-time.Second)}, "居民问卷海报.pdf")
}
