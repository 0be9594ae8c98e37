package api

import (
	"strconv"
	"strings"

	"gongji/app/edge"
	"gongji/app/foundation/fund"
	"gongji/app/foundation/ledger"
)

const statementPage = 100

// statement reads the fund of the address for whoever may see its statement.
func (a *API) statement(r *edge.Request) (fund.Fund, error) {
	f, err := a.fund(r)
	if err == nil {
		err = a.Funds.Require(r.Actor(), f, "statement")
	}
	return f, err
}

func (a *API) fundLedger(r *edge.Request) (edge.Response, error) {
	f, err := a.statement(r)
	if err != nil {
		return edge.Response{}, err
	}
	seq, line, _ := strings.Cut(r.Query("after"), ".")
	at := ledger.Page{Limit: statementPage}
	at.BeforeSeq, _ = strconv.ParseInt(seq, 10, 64) // nonsense is the first page
	at.BeforeLine, _ = strconv.Atoi(line)
	rows, err := a.Ledger.Statement(r.Context(), *f.CashAccount, at)
	return answer(200, paged(rows, statementPage, func(x ledger.Row) string { return strconv.FormatInt(x.Seq, 10) + "." + strconv.Itoa(x.Line) }), err)
}

func (a *API) fundLedgerCheck(r *edge.Request) (edge.Response, error) {
	f, err := a.statement(r)
	if err != nil {
		return edge.Response{}, err
	}
	report, err := a.Ledger.Verify(r.Context(), f.Foundation)
	return answer(200, report, err)
}
