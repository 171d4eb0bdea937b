// Leads on from where a note was, with the anchor that was asked for.
"use strict";
location.replace(new URL(document.currentScript.dataset.to, location.href).href + location.hash);
