// The end of a run in words, and as one JSON object for who reads on: RESULT names the file.

function values(data, name) {
  const metric = data.metrics[name];
  return metric ? metric.values : null;
}

function trend(data, name) {
  const found = values(data, name);
  if (!found?.count) {
    return null;
  }
  return {
    p50: found["p(50)"],
    p90: found["p(90)"],
    p99: found["p(99)"],
    "p99.9": found["p(99.9)"],
    max: found.max,
  };
}

function count(data, name) {
  const found = values(data, name);
  return found ? found.count : 0;
}

// Which thresholds did not hold.
function broken(data) {
  const failed = [];
  for (const [name, metric] of Object.entries(data.metrics)) {
    for (const [rule, outcome] of Object.entries(metric.thresholds || {})) {
      if (!outcome.ok) {
        failed.push(`${name} ${rule}`);
      }
    }
  }
  return failed;
}

export function handleSummary(data) {
  const result = {
    acked: count(data, "acked"),
    frames: count(data, "frames"),
    gaps: count(data, "gaps"),
    doubles: count(data, "doubles"),
    refused: count(data, "refused"),
    unanswered: count(data, "unanswered"),
    cut: count(data, "cut"),
    ack_ms: trend(data, "ack_ms"),
    frame_ms: trend(data, "frame_ms"),
    welcome_ms: trend(data, "welcome_ms"),
    back_ms: trend(data, "back_ms"),
    page_ms: trend(data, "page_ms"),
    broken: broken(data),
  };
  const text = `${JSON.stringify(result)}\n`;
  return __ENV.RESULT ? { [__ENV.RESULT]: text } : { stdout: text };
}
