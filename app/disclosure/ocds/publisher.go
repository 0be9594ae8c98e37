package ocds

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Unregistered is the ocid prefix until the operator has registered one with
// the Open Contracting Partnership: everyone can see that it is not.
const Unregistered = "unregistered-gongji"

// Addresses of the feeds, and of the page that explains them.
const (
	ReleasesPath = "/api/v1/public/ocds/releases"
	RecordsPath  = "/api/v1/public/ocds/records"
	PolicyPath   = "/open-data"
)

// Most is the most releases on one page.
const Most = 200

// Settings are what the operator decides about the publication.
type Settings struct {
	Prefix    string // of every ocid; "" means Unregistered
	Publisher string // the name that stands behind the data
	Site      string // https://host
}

// Publisher gives out packages of releases and records.
type Publisher struct {
	db    *bun.DB
	clock clock.Clock
	Settings
}

// New makes a publisher.
func New(d *bun.DB, c clock.Clock, s Settings) *Publisher {
	if s.Prefix == "" {
		s.Prefix = Unregistered
	}
	if s.Publisher == "" {
		s.Publisher = "共济平台"
	}
	return &Publisher{d, c, s}
}

// Package is a release package or a record package of OCDS 1.1; one of
// Releases and Records is set.
type Package struct {
	URI       string            `json:"uri"`
	Version   string            `json:"version"`
	Published string            `json:"publishedDate"`
	Publisher Name              `json:"publisher"`
	Policy    string            `json:"publicationPolicy"`
	Releases  []json.RawMessage `json:"releases,omitzero"`
	Records   []Record          `json:"records,omitzero"`
	Links     *Links            `json:"links,omitempty"`

	next string
}

// Name is the publisher of a package.
type Name struct {
	Name string `json:"name"`
}

// Links lead on. Next is always there: at the end of the feed it is where to
// ask again later.
type Links struct {
	Next string `json:"next"`
}

// Record is a purchase: all its releases and what they come to.
type Record struct {
	OCID     string            `json:"ocid"`
	Releases []json.RawMessage `json:"releases"`
	Compiled json.RawMessage   `json:"compiledRelease"`
}

// OCID is the open contracting id of a process.
func (p *Publisher) OCID(process id.ID) string { return p.Prefix + "-" + string(process) }

// Registered reports whether the ocid prefix is one the operator set.
func (p *Publisher) Registered() bool { return p.Prefix != Unregistered }

// Releases is the page of releases behind a cursor, in commit order. OCDS asks
// a package to hold one at least: an empty page says that nothing is new.
func (p *Publisher) Releases(ctx context.Context, after string, limit int) (Package, error) {
	rows, pkg, err := p.page(ctx, ReleasesPath, after, limit)
	if err != nil {
		return pkg, err
	}
	pkg.Releases = make([]json.RawMessage, 0, len(rows))
	for _, x := range rows {
		r, err := p.release(x)
		if err != nil {
			return pkg, err
		}
		pkg.Releases = append(pkg.Releases, r)
	}
	return pkg, nil
}

// Records is the page of the purchases that the releases behind a cursor
// belong to, each once and up to date; a purchase comes again on a later page
// when something happens in it.
func (p *Publisher) Records(ctx context.Context, after string, limit int) (Package, error) {
	rows, pkg, err := p.page(ctx, RecordsPath, after, limit)
	if err != nil {
		return pkg, err
	}
	pkg.Records = []Record{}
	seen := map[id.ID]bool{}
	for _, x := range rows {
		if seen[x.Process] {
			continue
		}
		seen[x.Process] = true
		r, err := p.record(ctx, x.Process)
		if err != nil {
			return pkg, err
		}
		pkg.Records = append(pkg.Records, r)
	}
	return pkg, nil
}

func (p *Publisher) page(ctx context.Context, path, after string, limit int) ([]row, Package, error) {
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, Most)
	c, err := cursorAt(ctx, p.db, after)
	if err != nil {
		return nil, Package{}, err
	}
	rows, err := feed(ctx, p.db, c, limit)
	if err != nil {
		return nil, Package{}, err
	}
	next := after
	if len(rows) > 0 {
		next = rows[len(rows)-1].cursor().String()
	}
	address := func(after string) string {
		q := url.Values{"limit": {strconv.Itoa(limit)}}
		if after != "" {
			q.Set("after", after)
		}
		return p.Site + path + "?" + q.Encode()
	}
	pkg := p.empty(address(after))
	pkg.Links, pkg.next = &Links{Next: address(next)}, next
	return rows, pkg, nil
}

func (p *Publisher) empty(uri string) Package {
	return Package{URI: uri, Version: "1.1", Published: p.clock.Now().In(clock.Beijing).Format(time.RFC3339),
		Publisher: Name{p.Publisher}, Policy: p.Site + PolicyPath}
}

// Release is a package with the one release of an id.
func (p *Publisher) Release(ctx context.Context, release id.ID) (Package, error) {
	var x row
	if err := db.Found(p.db.NewSelect().Model(&x).Where("id = ?", release).Scan(ctx), "发布"); err != nil {
		return Package{}, err
	}
	pkg := p.empty(p.Site + ReleasesPath + "/" + string(release))
	r, err := p.release(x)
	pkg.Releases = []json.RawMessage{r}
	return pkg, err
}

// Record is a package with the one record of an ocid.
func (p *Publisher) Record(ctx context.Context, ocid string) (Package, error) {
	process, ok := strings.CutPrefix(ocid, p.Prefix+"-")
	if !ok {
		return Package{}, fault.New(fault.NotFound, "没有这个 ocid，本平台的 ocid 以 %s- 开头", p.Prefix)
	}
	pkg := p.empty(p.Site + "/api/v1/public/ocds/record/" + ocid)
	r, err := p.record(ctx, id.ID(process))
	pkg.Records = []Record{r}
	return pkg, err
}

func (p *Publisher) record(ctx context.Context, process id.ID) (Record, error) {
	var rows []row
	if err := p.db.NewSelect().Model(&rows).Where("process = ?", process).Order("seq").Scan(ctx); err != nil {
		return Record{}, db.Translate(err)
	}
	if len(rows) == 0 {
		return Record{}, fault.New(fault.NotFound, "这个采购项目还没有公开的发布")
	}
	r := Record{OCID: p.OCID(process)}
	for _, x := range rows {
		one, err := p.release(x)
		if err != nil {
			return r, err
		}
		r.Releases = append(r.Releases, one)
	}
	var err error
	r.Compiled, err = Merge(r.Releases)
	return r, err
}

// release is a release as it is given out: with its ocid, and its addresses in
// full.
func (p *Publisher) release(x row) (json.RawMessage, error) {
	m, err := object([]byte(x.Body))
	if err != nil {
		return nil, err
	}
	m["ocid"] = p.OCID(x.Process)
	p.complete(m)
	return json.Marshal(m)
}

func (p *Publisher) complete(v any) {
	switch v := v.(type) {
	case map[string]any:
		if s, ok := v["url"].(string); ok && strings.HasPrefix(s, "/") {
			v["url"] = p.Site + s
		}
		if s, ok := v["identifier"].(string); ok && v["scheme"] == "ocid" {
			v["identifier"] = p.OCID(id.ID(s))
		}
		for _, x := range v {
			p.complete(x)
		}
	case []any:
		for _, x := range v {
			p.complete(x)
		}
	}
}

// Next is the cursor of the page that follows this one.
func (p Package) Next() string { return p.next }
