# spatstat's bandwidths by cross-validation: POINTS.csv RULE REPEATS -> seconds and the value, "s,value"
suppressPackageStartupMessages(library(spatstat))
given <- commandArgs(trailingOnly = TRUE)
points <- as.matrix(read.csv(given[1], header = FALSE))
pattern <- suppressWarnings(ppp(points[, 1], points[, 2], window = boundingbox(owin(range(points[, 1]), range(points[, 2])))))
rule <- if (given[2] == "likelihood") bw.ppl else bw.diggle
seconds <- c()
for (run in seq_len(as.integer(given[3]))) {
  start <- proc.time()[["elapsed"]]
  value <- suppressWarnings(rule(pattern))
  seconds <- c(seconds, proc.time()[["elapsed"]] - start)
}
cat(median(seconds), as.numeric(value), sep = ",")
