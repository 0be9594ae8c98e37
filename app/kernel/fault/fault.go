// Package fault is the one vocabulary of failure: what went wrong in a word a
// program can act on, and in a Chinese sentence a person can act on.
//
// Services return faults; edge turns a Kind into a status. An error that is
// not a fault is a defect: its text goes to the log only, never to a page.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what a caller can do about a failure.
type Kind int

const (
	// Unknown is a defect of ours; its text is never shown.
	Unknown Kind = iota
	// Invalid means the input can be mended and sent again.
	Invalid
	// Unauthenticated means nobody is signed in, or no longer.
	Unauthenticated
	// Forbidden means signed in, but not allowed.
	Forbidden
	// NotFound also covers what the caller may not know exists.
	NotFound
	// Conflict means someone else, or an earlier request, got there first.
	Conflict
	// TooLate means a deadline has passed; sending again cannot help.
	TooLate
	// TooLarge means an upload is over its limit.
	TooLarge
	// TooMany means a rate limit or lockout; trying later can help.
	TooMany
	// Unavailable means a part we need did not answer; trying later can help.
	Unavailable
)

// Field is one form field's complaint. Name is the form or JSON name of the
// field ("budget", "criteria.2.weight"); Message says how to mend it.
type Field struct {
	Name    string `json:"field"`
	Message string `json:"message"`
}

// Fault is an error that people may see. Message is safe Chinese text without
// personal data; Article names the rule that refused, where one did.
type Fault struct {
	Kind    Kind
	Message string
	Article string
	Fields  []Field
	Cause   error
}

func (f *Fault) Error() string {
	s := f.Message
	for _, x := range f.Fields {
		s += "; " + x.Name + ": " + x.Message
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

func (f *Fault) Unwrap() error { return f.Cause }

// New makes a fault of a kind with a safe Chinese message.
func New(k Kind, format string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault that keeps its cause for the log.
func Wrap(k Kind, cause error, format string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// Under adds the article of the rule that refused.
func (f *Fault) Under(article string) *Fault {
	f.Article = article
	return f
}

// KindOf finds the kind of the first fault in an error's chain; Unknown where
// there is none.
func KindOf(err error) Kind {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return Unknown
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Complaints are the fields of an Invalid fault: what a form still lacks. Any
// other error comes back as it is.
func Complaints(err error) ([]Field, error) {
	if f, ok := errors.AsType[*Fault](err); ok && f.Kind == Invalid {
		return f.Fields, nil
	}
	return nil, err
}

// Check collects the complaints about one form so that a person sees all of
// them at once.
type Check struct {
	fields  []Field
	article string
}

// Fail records a complaint about a field.
func (c *Check) Fail(field, format string, args ...any) {
	c.fields = append(c.fields, Field{field, fmt.Sprintf(format, args...)})
}

// FailUnder records a complaint that a rule makes; the article is put at the
// end of the sentence.
func (c *Check) FailUnder(article, field, format string, args ...any) {
	c.Fail(field, "%s（%s）", fmt.Sprintf(format, args...), article)
	if c.article == "" {
		c.article = article
	}
}

// Must records a complaint unless ok.
func (c *Check) Must(ok bool, field, format string, args ...any) {
	if !ok {
		c.Fail(field, format, args...)
	}
}

// Adopt records an error under a field: its own fields if it has some, else
// its message.
func (c *Check) Adopt(field string, err error) {
	if err == nil {
		return
	}
	var f *Fault
	if errors.As(err, &f) {
		if f.Article != "" {
			c.article = f.Article
		}
		if len(f.Fields) > 0 {
			c.fields = append(c.fields, f.Fields...)
			return
		}
		c.Fail(field, "%s", f.Message)
		return
	}
	c.Fail(field, "%s", strings.TrimSpace(err.Error()))
}

// Failed reports whether a field has a complaint already.
func (c *Check) Failed(field string) bool {
	for _, f := range c.fields {
		if f.Name == field {
			return true
		}
	}
	return false
}

// Err is nil when nothing failed, else one Invalid fault with every field.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Message: fmt.Sprintf("有 %d 处需要修改，请按提示改正后再提交", len(c.fields)),
		Article: c.article, Fields: c.fields}
}
