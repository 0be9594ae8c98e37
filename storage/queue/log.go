package queue

import (
	"context"
	"log/slog"
)

// discreet passes on what River warns of and nothing else, and without the
// numbers of jobs. At Info River writes every few seconds how many jobs have
// been done, and its jobs are numbered through: either would tell whoever reads
// the log how many bids came, and when, before they are opened.
type discreet struct{ slog.Handler }

func (d discreet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && d.Handler.Enabled(ctx, l)
}

func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "job_id" {
			out.AddAttrs(a)
		}
		return true
	})
	return d.Handler.Handle(ctx, out)
}

func (d discreet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return discreet{d.Handler.WithAttrs(attrs)}
}
func (d discreet) WithGroup(name string) slog.Handler { return discreet{d.Handler.WithGroup(name)} }
