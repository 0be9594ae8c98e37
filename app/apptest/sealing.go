package apptest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tenderkey"
	"gongji/app/procurement/tenderkey/holder"
)

// Passphrase opens every personal key that a test makes.
const Passphrase = Password

// Custody is a tender's key with those who hold it; two of three open.
type Custody struct {
	env     *Env
	Tender  id.ID
	Officer *Person
	Holders []*Person // the officer, a supervisor, somebody of another organisation
}

// Lock gives a draft its key as pages would: personal keys, the ceremony, the
// rehearsals.
func (e *Env) Lock(officer *Person, tender id.ID) *Custody {
	e.T.Helper()
	c := &Custody{env: e, Tender: tender, Officer: officer,
		Holders: []*Person{officer, e.Colleague(officer, party.Supervisor), e.Org(party.Enterprise, fmt.Sprintf("招标代理%d公司", e.people), party.Lead)}}
	in, ctx := tenderkey.Default(), e.T.Context()
	for i, p := range c.Holders {
		in.Holders[i].Login = p.Login
		p.Key()
	}
	_, err := e.TenderKeys.Name(ctx, officer.Actor, tender, in)
	if err == nil {
		_, err = e.TenderKeys.Generate(ctx, officer.Actor, tender)
	}
	for _, p := range c.Holders {
		if err == nil {
			err = p.hand().Rehearse(ctx, e.TenderKeys, tender)
		}
	}
	if err != nil {
		e.T.Fatal(err)
	}
	return c
}

// In is a custody whose holders a test made itself.
func (c *Custody) In(e *Env) *Custody {
	c.env = e
	return c
}

// Key gives a person a personal key, once.
func (p *Person) Key() {
	p.env.T.Helper()
	if _, err := p.env.Keys.Mine(p.env.T.Context(), p.Actor); err == nil {
		return
	}
	if err := p.hand().MakeKey(p.env.T.Context(), p.env.Keys); err != nil {
		p.env.T.Fatal(err)
	}
}

func (p *Person) hand() holder.Person { return holder.Person{Actor: p.Actor, Passphrase: Passphrase} }

// Share is what a holder gives at the opening; n counts from 0.
func (c *Custody) Share(n int) string {
	c.env.T.Helper()
	s, err := c.Holders[n].hand().Share(c.env.T.Context(), c.env.TenderKeys, c.Tender)
	if err != nil {
		c.env.T.Fatal(err)
	}
	return s
}

// Gather has two holders give their shares.
func (c *Custody) Gather() {
	c.env.T.Helper()
	for i := range 2 {
		if _, err := c.env.Openings.Give(c.env.T.Context(), c.Holders[i].Actor, c.Tender, c.Share(i)); err != nil {
			c.env.T.Fatal(err)
		}
	}
}

// Open opens the tender from the shares to the record.
func (c *Custody) Open() opening.Opening {
	c.env.T.Helper()
	c.Gather()
	ctx := c.env.T.Context()
	o, err := c.env.Openings.Start(ctx, c.Officer.Actor, c.Tender)
	if err == nil && o.State != opening.Closed {
		if err = c.env.Openings.Wait(ctx, c.Tender); err == nil {
			o, err = c.env.Openings.Close(ctx, c.Officer.Actor, c.Tender, "")
		}
	}
	if err != nil {
		c.env.T.Fatal(err)
	}
	return o
}

// Attachment is a file of a bid, from memory.
func Attachment(name, content string) seal.Source {
	return seal.Source{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

// Sealed is a bid as it leaves the person's device: every question is answered
// with answer, after the organisation's name.
func (p *Person) Sealed(tender id.ID, price money.Fen, answer string, files ...seal.Source) []byte {
	p.env.T.Helper()
	form, err := p.env.Bids.Form(p.env.T.Context(), p.Actor, tender)
	if err != nil {
		p.env.T.Fatal(err)
	}
	m := seal.Manifest{Supplier: p.Actor.Org, Price: price, Delivery: "合同签订后 10 日内进场，服务一年"}
	for _, q := range form.Questions {
		m.Answers = append(m.Answers, seal.Answer{Criterion: q.Key, Text: p.Actor.OrgName + "：" + answer})
	}
	var b bytes.Buffer
	if _, err := seal.Pack(&b, form, m, files, nil); err != nil {
		p.env.T.Fatal(err)
	}
	return b.Bytes()
}

// Bid seals a bid and sends it.
func (p *Person) Bid(tender id.ID, price money.Fen) bid.Version {
	p.env.T.Helper()
	ctx := p.env.T.Context()
	b, err := p.env.Bids.Begin(ctx, p.Actor, tender)
	if err != nil {
		p.env.T.Fatal(err)
	}
	sealed := p.Sealed(tender, price, "完整的回答")
	v, err := p.env.Bids.Submit(ctx, p.Actor, b.ID, bytes.NewReader(sealed), int64(len(sealed)))
	if err != nil {
		p.env.T.Fatal(err)
	}
	return v
}

// Raw sends bytes to /api/v1 + path with the person's token.
func (p *Person) Raw(method, path string, body []byte, headers ...string) *Answer {
	p.env.T.Helper()
	req := p.request(method, "/api/v1"+path, "application/octet-stream", bytes.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+p.Token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	page := p.do(req)
	return &Answer{page.Code, page.Header, page.Body, p.env.T}
}
