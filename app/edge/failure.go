package edge

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"gongji/app/kernel/fault"
)

// Failure is an error as people and programs may see it.
type Failure struct {
	Status     int
	Kind       fault.Kind
	Type       string // a word for programs: "invalid", "too-late"
	Title      string // what happened, in a few words
	Message    string // what to do about it
	Article    string // the rule that refused; "" when none did
	Fields     []fault.Field
	RetryAfter time.Duration // 0 when waiting does not help
	RequestID  string
}

type meaning struct {
	status int
	word   string
	title  string
}

// meanings is the one table from kinds to statuses. TooLate is 410 and not
// 409: a conflict can be mended by looking again and sending again, what came
// too late cannot, and a program should see that without reading.
var meanings = map[fault.Kind]meaning{
	fault.Unknown:         {500, "internal", "系统出错了"},
	fault.Invalid:         {422, "invalid", "填写的内容需要修改"},
	fault.Unauthenticated: {401, "unauthenticated", "请先登录"},
	fault.Forbidden:       {403, "forbidden", "没有权限"},
	fault.NotFound:        {404, "not-found", "没有找到"},
	fault.Conflict:        {409, "conflict", "内容已经变化"},
	fault.TooLate:         {410, "too-late", "已经过了期限"},
	fault.TooLarge:        {413, "too-large", "内容太大"},
	fault.TooMany:         {429, "too-many", "操作太频繁"},
	fault.Unavailable:     {503, "unavailable", "暂时无法使用"},
}

const sorry = "系统出错了，您的操作没有完成。请稍后再试；如果仍然不行，请把请求编号告诉管理员"

// statusError is a refusal that HTTP has a status for and people have not.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// retry is an error that knows when trying again can help.
type retry interface{ RetryAfter() time.Duration }

var plainStatus = map[int]meaning{
	400: {400, "bad-request", "请求不完整，请返回上一页重新操作"},
	405: {405, "method-not-allowed", "这个地址不支持这种操作"},
	408: {408, "timeout", "网络太慢，请求没有收全，请重试"},
	415: {415, "media-type", "提交的内容类型不对：接口应为 application/json"},
	431: {431, "headers-too-large", "请求头太长，请清除本站的浏览器缓存后重试"},
}

// failureOf says what an error means. What is not a fault tells nothing about
// its inside.
func failureOf(err error) Failure {
	var f *fault.Fault
	if errors.As(err, &f) && f.Kind != fault.Unknown {
		m := meanings[f.Kind]
		out := Failure{Status: m.status, Kind: f.Kind, Type: m.word, Title: m.title,
			Message: f.Message, Article: f.Article, Fields: f.Fields}
		var again retry
		switch {
		case errors.As(err, &again):
			out.RetryAfter = max(again.RetryAfter(), time.Second)
		case f.Kind == fault.TooMany:
			out.RetryAfter = time.Minute
		case f.Kind == fault.Unavailable:
			out.RetryAfter = 5 * time.Second
		}
		return out
	}
	if status := statusOf(err); status >= 400 && status < 500 {
		return plainFailure(status)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return failureOf(fault.New(fault.Unavailable, "处理时间过长，已经停止。请稍后再试"))
	}
	m := meanings[fault.Unknown]
	return Failure{Status: m.status, Type: m.word, Title: m.title, Message: sorry}
}

func statusOf(err error) int {
	var own *statusError
	var theirs *fiber.Error
	switch {
	case errors.As(err, &own):
		return own.status
	case errors.As(err, &theirs):
		return theirs.Code
	}
	return 0
}

// plainFailure answers what fiber refuses in the words of the kinds where
// there is one.
func plainFailure(status int) Failure {
	switch status {
	case http.StatusNotFound:
		return failureOf(fault.New(fault.NotFound, "没有找到您要看的页面，请检查地址，或从首页重新进入"))
	case http.StatusRequestEntityTooLarge:
		return failureOf(fault.New(fault.TooLarge, "提交的内容太大"))
	}
	m, ok := plainStatus[status]
	if !ok {
		m = plainStatus[400]
	}
	return Failure{Status: m.status, Kind: fault.Invalid, Type: m.word, Title: "请求无法处理", Message: m.title}
}

// Problem is an error of the API: application/problem+json (RFC 9457).
type Problem struct {
	Type      string        `json:"type" description:"错误类别的地址，供程序判断"`
	Title     string        `json:"title" description:"错误类别"`
	Status    int           `json:"status" description:"HTTP 状态码"`
	Detail    string        `json:"detail,omitempty" description:"发生了什么、怎样改正"`
	Instance  string        `json:"instance,omitempty" description:"请求的路径"`
	RequestID string        `json:"request_id" description:"请求编号，报告问题时请附上"`
	Article   string        `json:"article,omitempty" description:"据以拒绝的条款"`
	Errors    []fault.Field `json:"errors,omitempty" description:"逐字段的错误"`
}

func (f Failure) problem(path string) Problem {
	return Problem{Type: "/problems/" + f.Type, Title: f.Title, Status: f.Status, Detail: f.Message,
		Instance: path, RequestID: f.RequestID, Article: f.Article, Errors: f.Fields}
}
