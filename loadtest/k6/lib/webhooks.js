// Webhooks of WhatsApp, signed over their bytes as Meta signs them.

import crypto from "k6/crypto";
import http from "k6/http";

import { acked, ackMs, dated, refused } from "./session.js";
import { base, stage, workspace } from "./stage.js";

// Customers of each number.
const PEOPLE = 200;

// Brings one message of a customer, which was due at `due`. `serial` is a number that no other
// webhook of the run has.
export function webhook(serial, due) {
  const number = workspace(serial).number;
  const from = `1650${String(serial % PEOPLE).padStart(7, "0")}`;
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { display_phone_number: "15550783881", phone_number_id: number },
              contacts: [{ wa_id: from, profile: { name: "Ida Berg" } }],
              messages: [
                {
                  from,
                  id: `wamid.k6-${due}-${serial}`,
                  timestamp: String(Math.floor(due / 1000)),
                  type: "text",
                  text: { body: dated(due, "I have heard nothing since Monday.") },
                },
              ],
            },
          },
        ],
      },
    ],
  });
  const signature = crypto.hmac("sha256", stage.app_secret, body, "hex");
  const answer = http.post(`${base(serial)}/hooks/whatsapp`, body, {
    headers: {
      "content-type": "application/json",
      "x-hub-signature-256": `sha256=${signature}`,
    },
    tags: { name: "webhook" },
  });
  if (answer.status === 200) {
    acked.add(1);
    ackMs.add(Date.now() - due);
  } else {
    refused.add(1);
    console.error(`a webhook was answered ${answer.status}: ${answer.body}`);
  }
}
