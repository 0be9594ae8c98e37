package edge

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	writeTimeout = 30 * time.Second // for one write; a download has many
	lingerTime   = 15 * time.Second
)

type patientListener struct{ net.Listener }

func (l *patientListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn gives each write its own deadline, so that a slow download lives as
// long as it moves and a stalled one does not.
type conn struct {
	net.Conn
	linger atomic.Bool
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Close after a refused upload first takes in some of what is still coming:
// closing with unread bytes resets the connection, and the client would see
// that instead of the reason for the refusal.
func (c *conn) Close() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if c.linger.Load() && ok && half.CloseWrite() == nil {
		_ = c.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	return c.Conn.Close()
}

func lingerLater(fc *fiber.Ctx) {
	if c, ok := fc.Context().Conn().(*conn); ok {
		c.linger.Store(true)
	}
}
