package edge

import (
	"bufio"
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

const heartbeat = 20 * time.Second

// writeEvents runs an SSE function while its reader stays. A comment line now
// and then finds out that the reader has gone, and keeps proxies from closing
// the connection.
func (s *Server) writeEvents(r *Request, p Response) {
	r.c.Set(fiber.HeaderCacheControl, "no-store")
	r.c.Set("X-Accel-Buffering", "no")
	r.ctx.stop()
	fn := p.events
	r.c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithCancel(s.closing)
		defer cancel()
		lines := make(chan string)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = s.guard(func() error {
				return fn(ctx, func(event, data string) error {
					select {
					case lines <- eventText(event, data):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				})
			})
		}()
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			var text string
			select {
			case text = <-lines:
			case <-beat.C:
				text = ": \n\n"
			case <-done:
				return
			case <-ctx.Done():
				return
			}
			if _, err := w.WriteString(text); err != nil {
				return
			}
			if err := w.Flush(); err != nil {
				return
			}
		}
	})
}

// eventText frames one event; a line break in data becomes a second data line.
func eventText(event, data string) string {
	var b strings.Builder
	if event != "" {
		b.WriteString("event: " + strings.NewReplacer("\r", "", "\n", "").Replace(event) + "\n")
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(data, "\r", ""), "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteByte('\n')
	return b.String()
}
