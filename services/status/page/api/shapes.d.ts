// What /v1 answers, as far as the page reads it; for the type checker alone (docs/api.md).

declare namespace Api {
	type State = "pending" | "processing" | "cancelling" | "completed" | "failed" | "cancelled";

	interface Counts {
		products: number;
		images: number;
		done: number;
		failed: number;
		cancelled: number;
		remaining: number;
	}

	interface RequestSummary {
		request_id: string;
		run: number;
		state: State;
		progress: number;
		counts: Counts;
		filename: string;
		priority: string;
		created_at: string;
		completed_at: string | null;
		expires_at: string | null;
		eta_seconds: number | null;
		bytes_in: number;
		bytes_out: number;
	}

	interface Failure {
		code: string;
		count: number;
		hint?: string;
		fixer?: "uploader" | "origin" | "operator";
		help_url?: string;
	}

	interface Usage {
		requests: number;
		images: number;
		bytes_in: number;
		bytes_out: number;
		expiring: { on: string }[];
		whole: boolean;
	}

	interface Webhook {
		url: string;
		triggered: boolean;
		attempts: number;
		state: string;
	}

	interface Request extends RequestSummary {
		failures: Failure[];
		webhook: Webhook | null;
		output_csv_url: string | null;
	}

	interface Image {
		id: string;
		ordinal: number;
		state: "planned" | "requested" | "done" | "failed" | "cancelled";
		input_url: string;
		output_url: string | null;
		original_url: string | null;
		code: string | null;
		hint: string | null;
		last_code: string | null;
		bytes_in: number | null;
		bytes_out: number | null;
		width: number | null;
		height: number | null;
		format: string | null;
	}

	interface Attempt {
		attempt: number;
		outcome: string;
		attempted_at: string;
		duration_ms: number | null;
		status_code: number | null;
		error: string | null;
		response_excerpt: string | null;
	}

	interface Delivery {
		webhook_id: string;
		run: number;
		state: string;
		attempts: number;
		next_attempt_at: string | null;
		delivered_at: string | null;
		log: Attempt[];
	}

	interface Page<T> {
		items: T[];
		next: string | null;
	}

	interface CellError {
		row: number | null;
		column: string | null;
		value: string | null;
		code: string;
		hint: string;
		cell?: string;
	}

	interface Warning {
		code: string;
		message: string;
	}

	interface ShownRow {
		row: number;
		cells: string[];
	}

	interface Mapping {
		serial_number: string | null;
		product_name: string | null;
		image_urls: string[];
	}

	interface Verdict {
		counts: { products: number; images: number; skipped_rows: number };
		dialect: {
			delimiter: string;
			encoding: string;
			columns: string[];
			encoding_found: { sure: boolean; otherwise: string | null };
			sheet: string | null;
		};
		mapping: Mapping;
		first_rows: ShownRow[];
		warnings: Warning[];
		errors: CellError[];
		errors_total: number;
	}

	interface ProblemBody {
		type?: string;
		title?: string;
		status?: number;
		error?: string;
		detail?: string;
		errors?: CellError[];
		errors_total?: number;
		columns?: string[];
		limit?: string;
	}

	interface Accepted {
		request_id: string;
	}
}
