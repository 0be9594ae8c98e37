package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"gongji/app/party"
)

// relations lists every relation an actor can have to the product as a whole;
// a gate that none of them may enter is a spelling mistake.
func relations() []string {
	rel := []string{"visitor", "account", "expert", "person"}
	for kind, roles := range party.RolesOf {
		rel = append(rel, string(kind))
		for _, role := range roles {
			rel = append(rel, string(kind)+"."+string(role))
		}
	}
	return rel
}

// readGates asks the policy once for every gate and relation: the space is
// finite and the policy does not change while the program runs.
func readGates(routes []Route, can func(relation, object, action string) bool) (map[string]map[string]bool, error) {
	gates := map[string]map[string]bool{}
	for _, rt := range routes {
		if rt.Gate == "" {
			return nil, fmt.Errorf("edge: %s %s has no gate", rt.Method, rt.Path)
		}
		if gates[rt.Gate] != nil {
			continue
		}
		may := map[string]bool{}
		for _, rel := range relations() {
			if can(rel, "route."+rt.Gate, "enter") {
				may[rel] = true
			}
		}
		if len(may) == 0 {
			return nil, fmt.Errorf("edge: %s %s: the policy lets nobody enter gate %q", rt.Method, rt.Path, rt.Gate)
		}
		gates[rt.Gate] = may
	}
	return gates, nil
}

func (rt *Route) limit() int64 {
	if rt.Limit > 0 {
		return rt.Limit
	}
	return FormLimit
}

func (rt *Route) streams() bool { return rt.limit() > FormLimit }

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// mount registers the routes, most literal first: fiber takes the first that
// matches, so "/tenders/new" must come before "/tenders/{id}".
func (s *Server) mount(routes []Route) error {
	routes = slices.Clone(routes)
	slices.SortStableFunc(routes, func(a, b Route) int {
		return strings.Compare(rank(a.Path), rank(b.Path))
	})
	seen := map[string]string{}
	for i := range routes {
		rt := &routes[i]
		rt.API = rt.API || isAPI(rt.Path)
		if rt.Handle == nil {
			return fmt.Errorf("edge: %s %s has no handler", rt.Method, rt.Path)
		}
		pattern, err := fiberPath(rt.Path)
		if err != nil {
			return err
		}
		key := rt.Method + " " + shape(rt.Path)
		if other, ok := seen[key]; ok {
			return fmt.Errorf("edge: %s %s and %s are the same route", rt.Method, rt.Path, other)
		}
		seen[key] = rt.Path
		h := s.enter(rt)
		switch rt.Method {
		case fiber.MethodGet:
			s.app.Add(fiber.MethodHead, pattern, h)
			s.app.Add(fiber.MethodGet, pattern, h)
		case fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete:
			s.app.Add(rt.Method, pattern, h)
		default:
			return fmt.Errorf("edge: %s %s: method not served", rt.Method, rt.Path)
		}
	}
	return nil
}

// rank sorts a literal segment before one with braces.
func rank(path string) string {
	var b strings.Builder
	for seg := range strings.SplitSeq(path, "/") {
		if strings.Contains(seg, "{") {
			b.WriteString("\x02")
		} else {
			b.WriteString("\x01" + seg)
		}
		b.WriteByte('/')
	}
	return b.String()
}

// shape is the path with the names of its parameters taken out.
func shape(path string) string {
	var b strings.Builder
	for rest := path; ; {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, rest, _ = strings.Cut(after, "}")
		b.WriteString("{}")
	}
}

// fiberPath turns braces into fiber's colons and refuses the characters fiber
// would read as patterns.
func fiberPath(path string) (string, error) {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, ":*+?()<>\\ ") {
		return "", fmt.Errorf("edge: path %q: must start with / and have no pattern characters", path)
	}
	var b strings.Builder
	for rest := path; ; {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || name == "" || strings.ContainsAny(name, "/{") {
			return "", fmt.Errorf("edge: path %q: broken braces", path)
		}
		b.WriteString(":" + name)
		rest = tail
	}
}
