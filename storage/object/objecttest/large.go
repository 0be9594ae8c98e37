package objecttest

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"runtime"
	"testing"
	"time"

	"gongji/storage/object"
)

const (
	largeSize = 100 << 20
	// headroom is what the heap may grow by while 100 MiB go through.
	headroom = 20 << 20
)

// large puts 100 MiB of unknown size and reads them back, while the heap
// grows by less than a fifth of that.
func large(t *testing.T, s object.Store) {
	// The reader below changes with the position, so that a part sent twice
	// or left out shows in the hash.
	want := sha256.New()
	if _, err := io.Copy(want, io.LimitReader(&counting{}, largeSize)); err != nil {
		t.Fatal(err)
	}
	w := watchHeap()
	start := time.Now()
	info, err := s.Put(t.Context(), "large", io.LimitReader(&counting{}, largeSize), object.PutOptions{Size: -1})
	if err != nil {
		t.Fatal(err)
	}
	putTime, putHeap := time.Since(start), w.stop()
	if info.Size != largeSize || info.SHA256 != hex.EncodeToString(want.Sum(nil)) {
		t.Errorf("put says %+v", info)
	}

	w = watchHeap()
	start = time.Now()
	rc, _, err := s.Open(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	got := sha256.New()
	if _, err := io.Copy(got, rc); err != nil {
		t.Fatal(err)
	}
	if err := rc.Close(); err != nil {
		t.Fatal(err)
	}
	getTime, getHeap := time.Since(start), w.stop()
	if hex.EncodeToString(got.Sum(nil)) != info.SHA256 {
		t.Error("read other bytes than were put")
	}
	t.Logf("put in %v, heap +%.1f MiB; read in %v, heap +%.1f MiB", putTime.Round(time.Millisecond), mib(putHeap), getTime.Round(time.Millisecond), mib(getHeap))
	if putHeap > headroom || getHeap > headroom {
		t.Errorf("the heap grew by %.1f MiB in Put and %.1f MiB in Open; want less than %d MiB", mib(putHeap), mib(getHeap), headroom>>20)
	}
}

func mib(n uint64) float64 { return float64(n) / (1 << 20) }

// counting gives the bytes of a running counter.
type counting struct{ n uint32 }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte((c.n * 2654435761) >> 24)
		c.n++
	}
	return len(p), nil
}

// heapWatch notes the highest heap while something runs.
type heapWatch struct {
	base uint64
	quit chan struct{}
	peak chan uint64
}

func watchHeap() *heapWatch {
	runtime.GC()
	w := &heapWatch{base: heap(), quit: make(chan struct{}), peak: make(chan uint64)}
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		peak := w.base
		for {
			select {
			case <-tick.C:
				peak = max(peak, heap())
			case <-w.quit:
				w.peak <- max(peak, heap())
				return
			}
		}
	}()
	return w
}

// stop says by how many bytes the heap grew at its highest.
func (w *heapWatch) stop() uint64 {
	close(w.quit)
	return <-w.peak - w.base
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
