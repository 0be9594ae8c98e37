// Package giving publishes grants as open data in the 360Giving standard 1.4:
// one package of every grant that is public, each with an id of its own, its
// amounts in CNY and the organisations that gave and received it. No individual
// is in it: only organisations receive here.
package giving

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Path is the package's public address.
const Path = "/api/v1/public/360giving.json"

// Unregistered says visibly that no prefix was given by 360Giving.
const Unregistered = "360G-gongji"

const (
	version          = "1.4"
	currency         = "CNY"
	identifierScheme = "CN-USCI"
)

// Settings are the operator's.
type Settings struct {
	Prefix    string // of every grant's id, as 360Giving registered it; "" is Unregistered
	Publisher string // "" is 共济平台
	Site      string // how people reach us, without a trailing slash
}

// Award is one public grant as its room knows it.
type Award struct {
	Kind        string // "grant" or "payment": part of the id, which lasts for ever
	ID          id.ID
	Title       string
	Description string
	Amount      money.Fen  // 分, awarded
	Paid        money.Fen  // 分, disbursed so far
	On          time.Time  // of the decision
	Start, End  *time.Time // of the project; the last day counts
	Funder      Body
	Recipient   Body
	Programme   string // the call, or the fund, it comes from
	ProgrammeAt string // path of the product
	OpenCall    bool
	At          string // path of the product
	Modified    time.Time
	Payments    []Payment
}

// Payment is one instalment that was paid.
type Payment struct {
	Number string
	On     time.Time
	Amount money.Fen // 分
}

// Body is an organisation. Code is its 统一社会信用代码, "" where none is known.
type Body struct {
	Org                id.ID
	Name, Code, Region string
}

// Source reads the public grants of a room, oldest first.
type Source func(ctx context.Context) ([]Award, error)

// Publisher makes the package.
type Publisher struct {
	Settings
	clock   clock.Clock
	sources []Source
}

// New makes the publisher.
func New(c clock.Clock, s Settings, sources ...Source) *Publisher {
	if s.Prefix == "" {
		s.Prefix = Unregistered
	}
	if s.Publisher == "" {
		s.Publisher = "共济平台"
	}
	s.Site = strings.TrimRight(s.Site, "/")
	return &Publisher{s, c, sources}
}

// Registered reports whether the ids carry a prefix that 360Giving gave.
func (p *Publisher) Registered() bool { return p.Prefix != Unregistered }

// Package is everything that is public. NotFound where there is nothing: the
// standard knows no package without a grant.
func (p *Publisher) Package(ctx context.Context) (Package, error) {
	out := Package{Version: version, Title: p.Publisher + "公开资助", Identifier: p.Prefix,
		Publisher: Named{Name: p.Publisher, Website: p.Site}, DownloadURL: p.Site + Path, AccessURL: p.Site + ocds.PolicyPath,
		Issued: moment(p.clock.Now())}
	seen := map[string]bool{}
	var last time.Time
	for _, source := range p.sources {
		list, err := source(ctx)
		if err != nil {
			return out, err
		}
		for _, a := range list {
			g, err := p.grant(a)
			if err != nil {
				return out, err
			}
			if seen[g.ID] {
				return out, fmt.Errorf("360giving: two grants are %s", g.ID)
			}
			seen[g.ID] = true
			out.Grants = append(out.Grants, g)
			if a.Modified.After(last) {
				last = a.Modified
			}
		}
	}
	if len(out.Grants) == 0 {
		return out, fault.New(fault.NotFound, "还没有可以公开的资助。360Giving 标准要求一个数据包里至少有一笔资助，所以没有空的数据包；第一笔资助协议生效或付款完成后这里就有数据")
	}
	out.Modified = moment(last)
	return out, nil
}

// Any reports whether there is a grant to publish.
func (p *Publisher) Any(ctx context.Context) (bool, error) {
	_, err := p.Package(ctx)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Export writes the package into a file, all of it or nothing, and says how
// many grants it holds.
func (p *Publisher) Export(ctx context.Context, file string) (int, error) {
	pkg, err := p.Package(ctx)
	if err != nil {
		return 0, err
	}
	b, err := json.MarshalIndent(pkg, "", "  ")
	if err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".360giving-*")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it was renamed
	if _, err = f.Write(append(b, '\n')); err == nil {
		err = f.Chmod(0o644)
	}
	if again := f.Close(); err == nil {
		err = again
	}
	if err != nil {
		return 0, err
	}
	return len(pkg.Grants), os.Rename(f.Name(), file)
}

// moment is a time as the standard writes it.
func moment(t time.Time) string { return t.In(clock.Beijing).Format(time.RFC3339) }

func day(t time.Time) string { return t.In(clock.Beijing).Format(time.DateOnly) }
