package apptest

import (
	"io"
	"net"
	"sync"
)

// Wire is what people's browsers reach the product through; it can break.
type Wire struct {
	net.Listener

	mu    sync.Mutex
	left  int64 // bytes until it breaks, where armed
	armed bool
	down  bool
	open  map[net.Conn]bool
}

// Cut breaks every connection once so many more bytes have come in, and keeps
// new ones from working until Mend.
func (w *Wire) Cut(after int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.armed = after, true
}

// Mend makes the wire whole again.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.down = false, false
}

// Accept takes the next connection; one that comes while the wire is broken is
// closed at once.
func (w *Wire) Accept() (net.Conn, error) {
	for {
		c, err := w.Listener.Accept()
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		down := w.down
		if !down {
			w.open[c] = true
		}
		w.mu.Unlock()
		if !down {
			return &end{c, w}, nil
		}
		_ = c.Close()
	}
}

// passed counts what came in, and breaks the wire where it is time.
func (w *Wire) passed(n int) (broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed {
		if w.left -= int64(n); w.left <= 0 {
			w.armed, w.down = false, true
			for c := range w.open {
				_ = c.Close()
			}
			clear(w.open)
		}
	}
	return w.down
}

// end is the product's end of one connection.
type end struct {
	net.Conn
	w *Wire
}

func (e *end) Read(p []byte) (int, error) {
	n, err := e.Conn.Read(p)
	if e.w.passed(n) {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

func (e *end) Close() error {
	e.w.mu.Lock()
	delete(e.w.open, e.Conn)
	e.w.mu.Unlock()
	return e.Conn.Close()
}

// CloseWrite ends what the product says and leaves the rest to be read: a
// refusal reaches who is still sending.
func (e *end) CloseWrite() error {
	if half, ok := e.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return net.ErrClosed
}
