package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/keyring"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/app/procurement/tenderkey"
	"gongji/templates"
)

// keysPage is tender/keys.html: who holds the key, for those who run the
// purchase; what one holds, for a holder; both for who is both.
type keysPage struct {
	templates.Chrome
	Tender      id.ID
	State       tender.State
	Key         *tenderkey.Key // nil for a holder who is not the buyer's, and before anybody is named
	Handover    *tenderkey.Handover
	Mine        *tenderkey.Holding
	Next        *templates.Action
	MayName     bool
	MayHandOver bool
	Form        tenderkey.Naming
	Reason      string
	Duties      []templates.Option
	Counts      []templates.Option
}

// Seats are the rows of the form: those named, and empty ones to add.
func (p keysPage) Seats() []tenderkey.Seat {
	rows := append([]tenderkey.Seat{}, p.Form.Holders...)
	for len(rows) < 3 || len(rows) < len(p.Form.Holders)+1 && len(rows) < tenderkey.MostHolders {
		rows = append(rows, tenderkey.Seat{Duty: tenderkey.Supervisor})
	}
	return rows
}

// Fingerprint is the recipient as people compare it.
func (p keysPage) Fingerprint() string {
	if p.Key == nil {
		return ""
	}
	return keyring.Short(p.Key.Recipient)
}

// Part is what the script of a holder needs to open their part.
func (p keysPage) Part() any {
	return map[string]any{"key": p.Mine.Set.Public(), "file": p.Mine.ShareFile, "personal": p.Mine.PersonalFile}
}

// Handing is what the script of a handover needs.
func (p keysPage) Handing() any {
	h := p.Mine.Handover
	place := 0
	for _, s := range h.Next.Shares {
		if s.Holder.Account == p.Mine.Mine.Account {
			place = s.Index
		}
	}
	return map[string]any{"now": h.Now, "next": h.Next, "index": place, "contributions": h.Contributions, "personal": h.PersonalFile}
}

// Dealer reports whether a present holder has split their part.
func (p keysPage) Dealer(account id.ID) bool {
	for _, x := range p.Handover.Dealers {
		if x == account {
			return true
		}
	}
	return false
}

func (w *Web) keysPage(r *edge.Request) (*keysPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	p := &keysPage{Tender: x, Form: tenderkey.Default()}
	p.Title = "投标密钥"
	mine, err := w.TenderKeys.Mine(r.Context(), r.Actor(), x)
	switch {
	case err == nil:
		p.Mine = &mine
		p.State, p.Breadcrumbs = mine.State, []templates.Crumb{{Label: "我保管的投标密钥", Href: "/keys"}, {Label: mine.Title}}
	case !missing(err) && !fault.Is(err, fault.Forbidden):
		return nil, err
	}
	view, err := w.TenderKeys.Of(r.Context(), r.Actor(), x)
	switch {
	case err == nil:
		return p, w.keysOfBuyer(r, p, view)
	case p.Mine != nil && (missing(err) || fault.Is(err, fault.Forbidden)):
		return p, nil
	}
	return nil, err
}

// keysOfBuyer fills what those see who run the purchase.
func (w *Web) keysOfBuyer(r *edge.Request, p *keysPage, view tenderkey.View) error {
	t, err := w.Tenders.Get(r.Context(), r.Actor(), p.Tender)
	if err != nil {
		return err
	}
	p.State, p.Key, p.Handover = t.StateAt(r.Now()), view.Key, view.Handover
	at := bureauPath(t)
	if t.Published() {
		at = tenderPath(t.ID)
	}
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: titleOf(t), Href: at}, {Label: p.Title}}
	may := func(action string) bool { return w.TenderKeys.Allowed(r.Context(), r.Actor(), t.ID, action) }
	p.MayName = may("name")
	p.MayHandOver = may("handover") && p.Key != nil && p.Key.State == tenderkey.Made
	if p.MayName && p.Key == nil {
		p.Form.Holders[0].Login = w.ownLogin(r)
	}
	if p.Key != nil {
		if p.Form, err = w.TenderKeys.Naming(r.Context(), r.Actor(), t.ID); err != nil {
			return err
		}
	}
	for _, d := range tenderkey.Duties {
		p.Duties = append(p.Duties, templates.Option{Value: string(d), Label: d.Name()})
	}
	for k := tenderkey.LeastThreshold; k < tenderkey.MostHolders; k++ {
		p.Counts = append(p.Counts, templates.Option{Value: strconv.Itoa(k), Label: fmt.Sprintf("%d 人", k)})
	}
	p.Next = keysNext(p, t)
	return nil
}

// ownLogin is the actor's own login, a first guess for 采购人代表.
func (w *Web) ownLogin(r *edge.Request) string {
	a, err := w.Accounts.Of(r.Context(), r.Actor().Account)
	if err != nil {
		return ""
	}
	return a.Login
}

// keysNext is the one next thing, or whom it waits for.
func keysNext(p *keysPage, t tender.Tender) *templates.Action {
	k, at := p.Key, tenderPath(t.ID)+"/keys"
	switch {
	case p.Handover != nil:
		return &templates.Action{Title: "正在移交", Waiting: handoverWaits(p.Handover)}
	case k == nil && p.MayName:
		return &templates.Action{Title: "确定持钥人", Text: "选好三位不同身份的人，任意两位到场就能开启。", Href: "#name", Label: "去选人"}
	case k == nil:
		return &templates.Action{Title: "还没有持钥人", Waiting: "由本单位的经办人在发布前确定。"}
	case k.State == tenderkey.Named, k.Stale() && t.State == tender.Draft:
		return generateNext(p, at)
	case k.Stale():
		return staleNext(p)
	case !k.Ready():
		return &templates.Action{Title: "等持钥人演练", Waiting: "还没有演练：" + names(k, func(h tenderkey.Holder) bool { return h.RehearsedAt == nil || h.Stale }) +
			"。请他们登录后在工作台打开“等您演练密钥”。"}
	case t.State == tender.Draft:
		return &templates.Action{Title: "密钥已就绪", Text: "每位持钥人都证明打得开。", Href: bureauPath(t) + "/check", Label: "去核对并提交"}
	}
	return &templates.Action{Title: "密钥已就绪", Waiting: fmt.Sprintf("开标时由任意 %d 位持钥人到场开启。在此以前，谁也看不到投标内容。", k.Threshold)}
}

// staleNext is for a published tender: its key stays, its holders can change.
func staleNext(p *keysPage) *templates.Action {
	who := names(p.Key, func(h tenderkey.Holder) bool { return h.Stale })
	if !p.MayHandOver {
		return &templates.Action{Title: "有持钥人换了个人密钥", Waiting: who + "可能打不开原来的密钥份，由本单位的经办人办理移交。"}
	}
	return &templates.Action{Title: "有持钥人换了个人密钥", Text: who + "可能打不开原来的密钥份。还记得旧口令的不用办；忘了的，请移交给同一批人或另外的人。", Href: "#handover", Label: "去办移交"}
}

func generateNext(p *keysPage, at string) *templates.Action {
	without := names(p.Key, func(h tenderkey.Holder) bool { return !h.Ready })
	switch {
	case without != "":
		return &templates.Action{Title: "等持钥人生成个人密钥", Waiting: "还没有个人密钥：" + without + "。请他们登录后打开“我的密钥”。"}
	case !p.MayName:
		return &templates.Action{Title: "等待生成投标密钥", Waiting: "由本单位的经办人生成。"}
	case p.Key.Stale():
		return &templates.Action{Title: "重新生成投标密钥", Text: names(p.Key, func(h tenderkey.Holder) bool { return h.Stale }) + "换了新的个人密钥，原来的密钥份打不开了。重新生成后大家都要再演练一次。",
			Post: at + "/generate", Label: "重新生成密钥"}
	}
	return &templates.Action{Title: "生成投标密钥", Text: "密钥当场生成、拆成几份、分别加密给每位持钥人，平台不留底。", Post: at + "/generate", Label: "生成密钥"}
}

func handoverWaits(h *tenderkey.Handover) string {
	if h.Dealt < h.Needed {
		return fmt.Sprintf("等原持钥人移交：已有 %d 位，需要 %d 位。", h.Dealt, h.Needed)
	}
	var rest []string
	for _, x := range h.To {
		if x.RehearsedAt == nil {
			rest = append(rest, x.Name)
		}
	}
	return "等新持钥人接收并演练：" + strings.Join(rest, "、") + "。全部完成前，原来的密钥份仍然有效。"
}

func names(k *tenderkey.Key, is func(tenderkey.Holder) bool) string {
	var out []string
	for _, h := range k.Holders {
		if is(h) {
			out = append(out, h.Name)
		}
	}
	return strings.Join(out, "、")
}

func (w *Web) keysShow(r *edge.Request) (edge.Response, error) {
	p, err := w.keysPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/keys", p), nil
}

// keysAct is the frame of every action on the keys page: a refused one shows
// the page again with what was typed.
func (w *Web) keysAct(r *edge.Request, said string, do func(x id.ID, f *edge.Form) (func(*keysPage), error)) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	typed, err := do(x, f)
	if err == nil {
		return edge.Redirect(tenderPath(x)+"/keys").Flash("ok", said), nil
	}
	if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		return edge.Response{}, err
	}
	p, perr := w.keysPage(r)
	if perr != nil {
		return edge.Response{}, err
	}
	if typed != nil {
		typed(p)
	}
	return again("tender/keys", p, err)
}

// naming reads the rows of the form; a row without a login is not there.
func naming(f *edge.Form) tenderkey.Naming {
	var in tenderkey.Naming
	in.Threshold, _ = strconv.Atoi(f.Get("threshold"))
	for i := range tenderkey.MostHolders + 1 {
		at := "holders." + strconv.Itoa(i) + "."
		if login := strings.TrimSpace(f.Get(at + "login")); login != "" {
			in.Holders = append(in.Holders, tenderkey.Seat{Login: login, Duty: tenderkey.Duty(f.Get(at + "duty"))})
		}
	}
	return in
}

func (w *Web) keysName(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "持钥人已确定", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		in := naming(f)
		_, err := w.TenderKeys.Name(r.Context(), r.Actor(), x, in)
		return func(p *keysPage) { p.Form = in }, err
	})
}

func (w *Web) keysGenerate(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "投标密钥已生成，请每位持钥人演练", func(x id.ID, _ *edge.Form) (func(*keysPage), error) {
		_, err := w.TenderKeys.Generate(r.Context(), r.Actor(), x)
		return nil, err
	})
}

func (w *Web) keysRehearse(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "演练成功：您能打开自己的密钥份", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		_, err := w.TenderKeys.Rehearse(r.Context(), r.Actor(), x, f.Get("word"))
		return nil, err
	})
}

func (w *Web) keysHandOver(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "移交已开始，请原持钥人和新持钥人登录办理", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		in := tenderkey.HandoverInput{Naming: naming(f), Reason: f.Get("reason")}
		_, err := w.TenderKeys.HandOver(r.Context(), r.Actor(), x, in)
		return func(p *keysPage) { p.Form, p.Reason = in.Naming, in.Reason }, err
	})
}

func (w *Web) keysCancel(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "移交已取消，原持钥人继续持钥", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		_, err := w.TenderKeys.CancelHandover(r.Context(), r.Actor(), x, f.Get("reason"))
		return func(p *keysPage) { p.Reason = f.Get("reason") }, err
	})
}

var errScript = fault.New(fault.Invalid, "没有收到浏览器里算好的内容，请启用 JavaScript 后重做")

func (w *Web) keysDeal(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "您的一份已移交", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		var c seal.Contribution
		if json.Unmarshal([]byte(f.Get("contribution")), &c) != nil {
			return nil, errScript
		}
		_, err := w.TenderKeys.Deal(r.Context(), r.Actor(), x, c)
		return nil, err
	})
}

// keysCombine takes a new holder's part and the word in it: what was made is
// rehearsed at once.
func (w *Web) keysCombine(r *edge.Request) (edge.Response, error) {
	return w.keysAct(r, "您已接收密钥份，并演练成功", func(x id.ID, f *edge.Form) (func(*keysPage), error) {
		var s seal.SealedShare
		if json.Unmarshal([]byte(f.Get("part")), &s) != nil {
			return nil, errScript
		}
		if _, err := w.TenderKeys.Combine(r.Context(), r.Actor(), x, s); err != nil {
			return nil, err
		}
		_, err := w.TenderKeys.Rehearse(r.Context(), r.Actor(), x, f.Get("word"))
		return nil, err
	})
}
