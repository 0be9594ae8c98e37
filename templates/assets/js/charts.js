import * as echarts from 'echarts/core'
import { BarChart, LineChart, PieChart, RadarChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent, RadarComponent } from 'echarts/components'
import { CanvasRenderer } from 'echarts/renderers'

echarts.use([BarChart, LineChart, PieChart, RadarChart, GridComponent, LegendComponent, TooltipComponent, RadarComponent, CanvasRenderer])

const colours = ['#1d4478', '#a8442f', '#2f7d5b', '#b7791f', '#5b4a8a', '#3c8ca0', '#8a8f98', '#7c3a58']
const ink = '#1c2733', soft = '#4d5b69', line = '#d8dee6'
const group = (v) => typeof v === 'number' ? v.toLocaleString('zh-CN', { maximumFractionDigits: 6 }) : '—'
const shorten = (s, n) => [...s].length > n ? [...s].slice(0, n - 1).join('') + '…' : s

function axis(c) {
  return { type: 'value', axisLabel: { color: soft, formatter: (v) => Math.abs(v) >= 10000 ? group(v / 10000) + '万' : group(v), hideOverlap: true }, splitLine: { lineStyle: { color: line } } }
}

function cartesian(c, kind, width) {
  const flat = c.kind === 'hbar'
  const names = { type: 'category', data: c.labels, axisLabel: { color: soft, hideOverlap: true, formatter: (s) => shorten(s, flat ? Math.max(6, Math.floor(width / 34)) : 8) }, axisLine: { lineStyle: { color: soft } }, axisTick: { show: false }, inverse: flat }
  return {
    grid: { left: 8, right: 24, top: c.series.length > 1 ? 40 : 12, bottom: 8, containLabel: true },
    legend: c.series.length > 1 ? { top: 0, type: 'plain', textStyle: { color: ink } } : undefined,
    tooltip: { trigger: 'axis', axisPointer: { type: kind === 'bar' ? 'shadow' : 'line' } },
    xAxis: flat ? axis(c) : names, yAxis: flat ? names : axis(c),
    series: c.series.map((s) => ({ type: kind, name: s.Name, data: s.Values, stack: c.stack ? 'all' : undefined, barMaxWidth: 36, symbolSize: 7 })),
  }
}

function option(c, width) {
  const wide = width > 480
  const s = c.series ?? []
  switch (c.kind) {
    case 'pie': return {
      tooltip: { trigger: 'item' },
      legend: { bottom: 0, type: 'plain', textStyle: { color: ink }, formatter: (n) => shorten(n, wide ? 20 : 12) },
      series: [{ type: 'pie', radius: ['38%', '66%'], center: ['50%', '42%'], itemStyle: { borderColor: '#fff', borderWidth: 2 }, label: { show: wide, color: ink, formatter: (p) => `${shorten(p.name, 10)} ${p.percent}%` }, data: c.labels.map((name, i) => ({ name, value: s[0]?.Values[i] })) }],
    }
    case 'radar': return {
      tooltip: {}, legend: { bottom: 0, textStyle: { color: ink } },
      radar: { radius: '62%', center: ['50%', '46%'], axisName: { color: ink, formatter: (n) => shorten(n, 8) }, indicator: c.labels.map((name) => ({ name, max: c.max || 100 })) },
      series: [{ type: 'radar', data: s.map((x) => ({ name: x.Name, value: x.Values, areaStyle: { opacity: .12 } })) }],
    }
    case 'line': return cartesian(c, 'line', width)
    default: return cartesian(c, 'bar', width)
  }
}

function draw(el) {
  if (el.dataset.drawn) return
  el.dataset.drawn = '1'
  const c = JSON.parse(el.dataset.chart)
  el.classList.add('chart-on')
  const chart = echarts.init(el, null, { renderer: 'canvas', devicePixelRatio: Math.max(2, window.devicePixelRatio || 1) })
  const paint = () => {
    const o = option(c, el.clientWidth)
    o.color = colours
    o.animation = false
    o.textStyle = { fontFamily: getComputedStyle(document.body).fontFamily }
    // The HTML tooltip needs inline style, which the policy refuses.
    o.tooltip = { ...o.tooltip, renderMode: 'richText', confine: true, valueFormatter: (v) => Array.isArray(v) ? v.map(group).join('，') : group(v) + (c.unit ? ' ' + c.unit : '') }
    chart.setOption(o, true)
  }
  paint()
  let width = el.clientWidth
  new ResizeObserver(() => {
    if (el.clientWidth === width) return
    width = el.clientWidth
    chart.resize()
    paint()
  }).observe(el)
}

const all = (root) => root.querySelectorAll('[data-chart]').forEach(draw)
all(document)
document.addEventListener('htmx:load', (e) => all(e.detail.elt))
