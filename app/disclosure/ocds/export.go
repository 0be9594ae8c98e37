package ocds

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Exported says what an export wrote.
type Exported struct{ Releases, Records, Files int }

// Export writes everything that is published into a folder: releases-0001.json
// and so on in commit order, and the records of the same purchases, each once.
// The folder is made where it is missing; files of an earlier export are
// written over.
func (p *Publisher) Export(ctx context.Context, dir string) (Exported, error) {
	var out Exported
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // open data, meant to be read by others
		return out, err
	}
	after, seen := "", map[string]bool{}
	for n := 1; ; n++ {
		releases, err := p.Releases(ctx, after, Most)
		if err != nil {
			return out, err
		}
		if len(releases.Releases) == 0 {
			return out, nil
		}
		records, err := p.Records(ctx, after, Most)
		if err != nil {
			return out, err
		}
		once := make([]Record, 0, len(records.Records))
		for _, r := range records.Records {
			if !seen[r.OCID] {
				seen[r.OCID], once = true, append(once, r)
			}
		}
		records.Records, after = once, releases.Next()
		for name, pkg := range map[string]Package{"releases": releases, "records": records} {
			if name == "records" && len(once) == 0 {
				continue
			}
			pkg.Links = nil // files do not lead on
			if err := write(filepath.Join(dir, fmt.Sprintf("%s-%04d.json", name, n)), pkg); err != nil {
				return out, err
			}
			out.Files++
		}
		out.Releases += len(releases.Releases)
		out.Records += len(once)
	}
}

func write(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644) //nolint:gosec // open data, meant to be read by others
}
