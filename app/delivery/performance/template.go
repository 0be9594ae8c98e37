package performance

import (
	"bytes"
	"embed"
	"encoding/json"
	"slices"
	"sync"

	"gongji/app/kernel/fault"
)

//go:embed templates/*.json
var files embed.FS

// The templates that ship. Their weights 20/20/30/30 are 通行做法, not law, and
// each says so in its Basis.
const (
	General           = "general"
	ElderlyHomeCare   = "elderly-home-care"
	SocialWorkStation = "social-work-station"
	CommunityActivity = "community-activity"
	Incubation        = "incubation"
	VentureCall       = "venture-call"
)

var templateIDs = []string{General, ElderlyHomeCare, SocialWorkStation, CommunityActivity, Incubation, VentureCall}

var shipped = sync.OnceValue(func() []Tree {
	var out []Tree
	for _, id := range templateIDs {
		data, err := files.ReadFile("templates/" + id + ".json")
		if err != nil {
			continue // a test proves that all are there and sound
		}
		if t, err := Load(data); err == nil {
			out = append(out, t)
		}
	}
	return out
})

// Templates are the trees that ship; each is the caller's own, to adapt.
func Templates() []Tree {
	var out []Tree
	for _, t := range shipped() {
		t.Indicators = clone(t.Indicators)
		out = append(out, t)
	}
	return out
}

// Template is one of them, the caller's own.
func Template(id string) (Tree, bool) {
	for _, t := range Templates() {
		if t.ID == id {
			return t, true
		}
	}
	return Tree{}, false
}

func clone(in []Indicator) []Indicator {
	out := slices.Clone(in)
	for i := range out {
		out[i].Steps = slices.Clone(out[i].Steps)
		out[i].Children = clone(out[i].Children)
	}
	return out
}

// Load reads and checks a tree from JSON.
func Load(data []byte) (Tree, error) {
	var t Tree
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Tree{}, fault.Wrap(fault.Invalid, err, "指标体系不是有效的 JSON，请按样例格式重新导出后导入")
	}
	return t, t.Check()
}
