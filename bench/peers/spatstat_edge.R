# spatstat's uniform edge correction of a polygon: GRID.csv POLYGON.csv SIGMA REPEATS -> seconds
suppressPackageStartupMessages(library(spatstat))
given <- commandArgs(trailingOnly = TRUE)
grid <- as.list(read.csv(given[1]))
ring <- read.csv(given[2])
window <- owin(poly = list(x = ring$x, y = ring$y))
mask <- as.mask(window, eps = grid$cell_size)
pattern <- runifpoint(10, win = window)
seconds <- c()
for (run in seq_len(as.integer(given[4]) + 1)) {
  start <- proc.time()[["elapsed"]]
  weight <- second.moment.calc(pattern, sigma = as.numeric(given[3]), what = "edge", dimyx = dim(mask))
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
cat(median(seconds[-1]))
