package main

import (
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const connections = 8

// hammer asks for one address over kept connections for a while and gives
// requests per second. A query that is not empty gets a number after it that
// is another for every request. Any answer but 200 is an error.
func hammer(address, query string, long time.Duration) (float64, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, err
	}
	client := &fasthttp.HostClient{Addr: u.Host, MaxConns: connections, NoDefaultUserAgentHeader: true,
		MaxResponseBodySize: 8 << 20, ReadTimeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var n atomic.Int64
	errs := make(chan error, connections)
	var wg sync.WaitGroup
	began := time.Now()
	for range connections {
		wg.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			defer fasthttp.ReleaseRequest(req)
			defer fasthttp.ReleaseResponse(res)
			req.SetRequestURI(address)
			for time.Since(began) < long {
				i := n.Add(1)
				if query != "" {
					req.SetRequestURI(address + query + strconv.FormatInt(i, 10))
				}
				if err := client.Do(req, res); err != nil {
					errs <- err
					return
				}
				if res.StatusCode() != fasthttp.StatusOK {
					errs <- fmt.Errorf("%s: status %d", address, res.StatusCode())
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	select {
	case err := <-errs:
		return 0, err
	default:
		return float64(n.Load()) / took.Seconds(), nil
	}
}
