# spatstat's density.ppp without edge correction, or its edge correction alone:
# POINTS.csv GRID.csv KERNEL SIGMA OUT.csv REPEATS -> seconds
suppressPackageStartupMessages(library(spatstat))
given <- commandArgs(trailingOnly = TRUE)
points <- as.matrix(read.csv(given[1], header = FALSE))
grid <- as.list(read.csv(given[2]))
east <- grid$west + grid$columns * grid$cell_size
south <- grid$north - grid$rows * grid$cell_size
window <- owin(c(grid$west, east), c(south, grid$north))
pattern <- suppressWarnings(ppp(points[, 1], points[, 2], window = window))
seconds <- c()
for (run in seq_len(as.integer(given[6]) + 1)) {
  start <- proc.time()[["elapsed"]]
  surface <- density(pattern, sigma = as.numeric(given[4]), kernel = given[3], edge = FALSE,
                     dimyx = c(grid$rows, grid$columns))
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
write.table(surface$v * 1e6, given[5], row.names = FALSE, col.names = FALSE, sep = ",")
cat(median(seconds[-1]))
