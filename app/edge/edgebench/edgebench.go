// Package edgebench is what a page of the product is measured against: the
// same fiber giving the same bytes, with nothing of ours in between.
package edgebench

import (
	"net"

	"github.com/gofiber/fiber/v2"
)

// Serve answers every GET on ln with the body and the headers, from memory,
// until the process ends.
func Serve(ln net.Listener, headers map[string]string, body []byte) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/*", func(c *fiber.Ctx) error {
		for name, value := range headers {
			c.Set(name, value)
		}
		return c.Send(body)
	})
	return app.Listener(ln)
}
